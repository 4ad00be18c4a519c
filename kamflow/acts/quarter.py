"""Comment the quarter of an account: why, which measure follows, plan looked through. One form, one act."""

from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError
from kamflow.models.account import Account
from kamflow.models.controlling import QuarterComment
from kamflow.models.plan import Measure
from kamflow.periods import Period, previous_quarter, quarter
from kamflow.store import plan_rows, quarter_rows
from kamflow.store.engine import lock


@dataclass(frozen=True)
class NewMeasure:
    """A measure that follows from the figures; `owner` None is who comments."""

    title: str
    due_on: date
    owner: int | None = None


@dataclass(frozen=True)
class Commented:
    """`state` is commented, changed, or already."""

    account: int
    quarter: Period
    state: str
    comment: int
    measure: int | None
    plan_reviewed: bool


def comment(
    acting: Acting,
    account: int,
    text: str,
    measure: NewMeasure | None = None,
    *,
    plan_reviewed: bool = False,
    within: date | None = None,
) -> Commented:
    """Write (or write anew) the comment on a quarter; it closes what asked for it.

    The quarter is the one with the day `within`, else the newest whose figures are looked at: an answer to a
    mail of December belongs to its quarter in January too.

    Raises:
        InputError: no text, a quarter that is not over, or a measure without a title or with a date that
            has passed.
        NotAllowed: not in the account's team, nor the KAM's deputy, nor was it handed over, nor the head.
    """
    person = acting.person("comment the quarter")
    row = acting.session.get_one(Account, account)
    rights.for_comment(acting.session, person, row, "comment its quarter", acting.today)
    _check(acting, text, measure)
    commented = _quarter(acting, account, within)
    lock(acting.session, f"quarter:{account}")
    stored = quarter_rows.comment(acting.session, account, commented.first)
    if stored is not None and _says(acting, stored, text, measure, plan_reviewed):
        return _commented(stored, "already")
    state = "commented" if stored is None else "changed"
    stored = stored or _new(acting, account, commented)
    stored.text, stored.person_id, stored.commented_at = text.strip(), person, acting.now
    stored.plan_reviewed = stored.plan_reviewed or plan_reviewed
    stored.version += 1
    if measure is not None and not _has(acting, stored, measure):
        stored.measure_id = _agree(acting, account, person, measure)
    if plan_reviewed:
        plan_rows.review(acting.session, account, acting.today)
    acting.session.add(stored)
    acting.session.flush()
    _record(acting, stored)
    return _commented(stored, state)


def _check(acting: Acting, text: str, measure: NewMeasure | None) -> None:
    if not text.strip():
        raise InputError("a comment needs a text: say why the figures are as they are")
    if measure is not None and not measure.title.strip():
        raise InputError("the measure needs a title (--measure TEXT)")
    if measure is not None and measure.due_on < acting.today:
        raise InputError(f"the measure's date {measure.due_on} has passed: name a day to come (--by DAY)")


def _quarter(acting: Acting, account: int, within: date | None) -> Period:
    fiscal = acting.company.fiscal_year_start, acting.company.fiscal_year_changes
    if within is None:
        newest = quarter_rows.newest_looked_at(acting.session, account)
        return newest or previous_quarter(acting.today, *fiscal)
    found = quarter(within, *fiscal)
    if found.last >= acting.today:
        raise InputError(f"the quarter {found.first} to {found.last} is not over: nothing to comment yet")
    return found


def _new(acting: Acting, account: int, quarter: Period) -> QuarterComment:
    return QuarterComment(
        account_id=account,
        quarter_first=quarter.first,
        quarter_last=quarter.last,
        text="",
        commented_on=acting.today,
        commented_at=acting.now,
        version=0,
    )


def _says(
    acting: Acting, stored: QuarterComment, text: str, measure: NewMeasure | None, plan_reviewed: bool
) -> bool:
    """Whether the comment says all of this already."""
    same = stored.text == text.strip() and (stored.plan_reviewed or not plan_reviewed)
    return same and (measure is None or _has(acting, stored, measure))


def _has(acting: Acting, stored: QuarterComment, measure: NewMeasure) -> bool:
    """Whether the comment has this measure already; another date or owner of it is no second one."""
    known = acting.session.get(Measure, stored.measure_id) if stored.measure_id is not None else None
    if known is None or known.title != measure.title.strip():
        return False
    if known.due_on != measure.due_on or measure.owner not in (None, known.owner_id):
        raise InputError(
            f"the measure {known.id} of this comment is due on {known.due_on} already:"
            f" move it with `kamflow measure move {known.id}`"
        )
    return True


def _agree(acting: Acting, account: int, person: int, measure: NewMeasure) -> int:
    plans = plan_rows.running(acting.session, account, acting.today)
    agreed = Measure(
        account_id=account,
        plan_id=plans[0].id if plans else None,
        title=measure.title.strip(),
        owner_id=measure.owner or person,
        due_on=measure.due_on,
    )
    acting.session.add(agreed)
    acting.session.flush()
    acting.record("measure.agreed", account, measure=agreed.id, due=measure.due_on.isoformat())
    return agreed.id or 0


def _record(acting: Acting, stored: QuarterComment) -> None:
    acting.record(
        "quarter.commented",
        stored.account_id,
        comment=stored.id,
        first=stored.quarter_first.isoformat(),
        last=stored.quarter_last.isoformat(),
        version=stored.version,
        measure=stored.measure_id,
        plan_reviewed=stored.plan_reviewed,
    )


def _commented(stored: QuarterComment, state: str) -> Commented:
    quarter = Period(stored.quarter_first, stored.quarter_last)
    return Commented(
        stored.account_id, quarter, state, stored.id or 0, stored.measure_id, stored.plan_reviewed
    )
