"""On the days that a rehearsal leaves out a rule would have said the same."""

from datetime import date, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from flows.rehearsal.contact_diary import Seen
from flows.rehearsal.diary import Agenda
from kamflow.figures.contact_cell import Cell
from kamflow.nudge import Decision
from kamflow.policy import Policy
from kamflow.rules import contact_shortfall as rule
from kamflow.rules.contact_shortfall import AccountContacts
from kamflow.workdays import calendar

FIRST, LAST = date(2026, 1, 1), date(2026, 12, 31)
POLICY = Policy()
CALENDARS = (
    calendar("DE", "BY"),
    calendar("DE", "NW", (1, 2, 3)),
    calendar("DE", "BE", absences=[(date(2026, 8, 1), date(2026, 10, 10))]),
)
days = st.dates(FIRST, LAST)
cells = st.builds(
    Cell,
    target=st.just(1),
    person=st.just(4),
    contact=st.just(5),
    soll=st.sampled_from((0, 1, 2, 3, 4, 6, 12)),
    period=st.just("2026-01-01..2026-12-31"),
    first=st.sampled_from((FIRST, date(2026, 4, 1))),
    last=st.sampled_from((LAST, date(2026, 9, 30))),
    held=st.integers(0, 6),
    last_held=st.just(None),
    booked=st.just(()),
    influence=st.sampled_from((None, 3, 9)),
    board=st.booleans(),
    calendar=st.sampled_from(CALENDARS),
    gone=st.booleans(),
)


@settings(max_examples=60)
@given(st.lists(cells, min_size=1, max_size=4), days)
def test_until_the_next_day_noted_the_rule_says_the_same(found: list[Cell], today: date) -> None:
    seen = Seen()
    numbered = [cell._replace(target=number) for number, cell in enumerate(found)]
    fact = seen.shared(AccountContacts(1, 4, FIRST, "crm", numbered))
    limit = min(cell.last for cell in numbered)
    if today >= limit:
        return
    noted = [day for day in seen.changes(fact, None, today, limit, POLICY.contact_shortfall) if day]
    said = rule.decide([fact], today, POLICY)
    day = today + timedelta(1)
    while day < min([*noted, limit]):
        assert rule.decide([fact], day, POLICY) == said
        day += timedelta(1)


@given(cells, days)
def test_a_cell_that_comes_due_is_noted_for_that_day(cell: Cell, today: date) -> None:
    seen = Seen()
    fact = seen.shared(AccountContacts(1, 4, FIRST, "crm", [cell]))
    [noted] = seen.changes(fact, None, today, None, POLICY.contact_shortfall)
    if noted is not None and noted > today:
        assert answer(fact, noted) != answer(fact, noted - timedelta(1))


def answer(fact: AccountContacts, day: date) -> tuple[Decision, list[str]]:
    """What the rule asks, and why it is silent: from behind the pace a cell may go straight to too late."""
    return rule.decide([fact], day, POLICY), [each.reason for each in rule.silent([fact], day, POLICY)]


def test_an_agenda_gives_each_account_its_earliest_day() -> None:
    agenda = Agenda()
    for account, day in ((1, 5), (1, 3), (2, 4), (1, 9)):
        agenda.put(account, date(2026, 1, day))
    assert agenda.take(date(2026, 1, 2)) == set()
    assert agenda.take(date(2026, 1, 4)) == {1, 2}
    assert agenda.take(date(2026, 1, 31)) == set()
