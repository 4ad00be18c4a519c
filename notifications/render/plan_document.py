"""An account plan as a letter and on paper."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType

from kamflow.documents.account_plan.plan import AccountPlan
from kamflow.figures import plan_questions as asked
from notifications.render import letter as letters
from notifications.render import pdf
from notifications.render.clean_facts import cleaned
from notifications.render.house import House
from notifications.render.item import Letter

NAME = "account_plan"
# Which questions of the form stand together.
CODES: Mapping[str, Sequence[str]] = MappingProxyType(
    {
        "about": [each.code for each in asked.ABOUT_THE_ACCOUNT],
        "business": [each.code for each in asked.OWN_POSITION if each.part == "business"],
        "products": [each.code for each in asked.OWN_POSITION if each.part == "products"],
        "strategy": [each.code for each in asked.STRATEGY_NEXT_YEAR],
        "cooperation": [each.code for each in asked.COOPERATION_TOPICS],
    }
)


def letter(plan: AccountPlan, language: str, company: str = "") -> Letter:
    """The plan in the one content model."""
    every = (*asked.QUESTIONS, *asked.SUMMARY_PROMPTS, *asked.COOPERATION_TOPICS)
    sentences = {each.key: each.sentence(language[:2]) for each in every}
    said = {"plan": cleaned(plan), "asked": sentences, "codes": CODES, "currency": plan.currency}
    return letters.notice(NAME, language, said, company, plan.as_of)


def paper(plan: AccountPlan, language: str, house: House) -> bytes:
    """The plan as PDF."""
    return pdf.paper(letter(plan, language, house.company), house)
