"""The facts of the quarterly report, for all accounts in a few queries; about customers, not employees."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from sqlmodel import Session

from kamflow.documents.quarterly_report import contents
from kamflow.documents.quarterly_report.contents import Facts, Known
from kamflow.documents.quarterly_report.sums import Card
from kamflow.periods import Period
from kamflow.policy import Policy
from kamflow.settings import Company
from kamflow.store import report_cards, report_people, report_sales, report_work, scope, survey_scores
from kamflow.store.account_counts import Counting
from kamflow.store.report_cards import Asking
from kamflow.store.report_people import IDS
from kamflow.store.run import Run

RULE = "quarterly_controlling"


def summary(run: Run, first: date, last: date, *, council: bool = True) -> Facts:
    """Facts of the report on a quarter, long lists cut: what stays with the document."""
    at = Asking(run.session, Period(first, last), run.today, run.company)
    return contents.facts(_known(at, contents.limits(run.policy), council=council))


def renewed(
    session: Session, facts: Mapping[str, Any], company: Company, policy: Policy, *, council: bool
) -> Facts:
    """The facts of a report that waits in the outbox, as they are said today: an older kamflow wrote others,
    and of what people do they hold as much as the works council's rule lets them."""
    quarter = Period(*(date.fromisoformat(facts["quarter"][end]) for end in ("first", "last")))
    at = Asking(session, quarter, date.fromisoformat(facts["day"]), company)
    return contents.facts(_known(at, contents.limits(policy), council=council))


def whole(session: Session, facts: Mapping[str, Any], company: Company) -> Facts:
    """The same report with every account: for the Excel file."""
    quarter = Period(*(date.fromisoformat(facts["quarter"][end]) for end in ("first", "last")))
    at = Asking(session, quarter, date.fromisoformat(facts["day"]), company)
    return contents.facts(_known(at, facts["limits"], council=facts["council"]), room=None)


def _known(at: Asking, limits: Mapping[str, int], *, council: bool) -> Known:
    cards = report_cards.cards(at)
    looked = {card.account for card in cards}
    buyers, buying = report_sales.buyers(at)
    return Known(
        quarter=at.quarter,
        day=at.today,
        currency=at.company.currency,
        limits=limits,
        cards=cards,
        council=council,
        people=report_people.people(at, cards),
        groups=report_sales.by_group(at),
        before_known=report_sales.reaches_a_year_back(at),
        ratings=report_work.ratings(at),
        late=report_work.late(at, looked),
        services_noted=report_work.services_noted(at),
        buyers=buyers,
        buying=buying,
        answers=_answers(at, cards),
        comments=report_work.comments(at),
        paused=report_work.paused(at),
    )


def _answers(at: Asking, cards: list[Card]) -> Mapping[int, Any]:
    """Account -> the scores of its newest survey by the end of the quarter."""
    found: dict[int, Any] = {}
    for accounts in scope.batches((card.account for card in cards), IDS):
        counting = Counting(at.session, accounts, at.quarter, at.today)
        found |= survey_scores.newest(counting, at.company.zone)
    return found
