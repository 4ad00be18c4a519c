"""An account plan in the one content model, for its page."""

from sqlmodel import Session

from kamflow.intake.forms import plan_export
from kamflow.intake.forms.plan_export import Export
from kamflow.models.account import Account
from kamflow.models.plan import AccountPlan
from kamflow.store import own_policy, plan_document, plan_list, teams
from kamflow.store.plan_document import Around
from kamflow.web.site import Site
from kamflow.web.visitor import Visitor
from notifications.render import plan_document as paper
from notifications.render.item import Letter
from notifications.render.speech import formal


def letter(session: Session, site: Site, plan: AccountPlan, visitor: Visitor, year: str) -> Letter:
    """The plan as its document has it: what is written, how fresh it is, what is still missing."""
    company, account = site.settings.company, session.get_one(Account, plan.account_id)
    language = visitor.language
    called = plan_list.called(session, plan.account_id)
    export = Export(session, site.today, company, site.policy, formal(language), called)
    form = plan_export.load(export, account, plan.year_first.year)
    policy = own_policy.of_account(session, site.policy, plan.account_id, site.today)
    named = None
    if site.settings.works_council:
        named = frozenset({visitor.person, *teams.covered_by(session, visitor.person)})
    around = Around(company.currency, company.zone, year, policy.plan_creation.stale_after, named)
    return paper.letter(plan_document.facts(session, form, around), language, company.name)
