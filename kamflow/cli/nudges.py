"""`kamflow nudges`: one's own open items in full, everybody's as sums."""

from collections.abc import Sequence

from kamflow.cli import glass
from kamflow.cli.home import acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.store import open_nudges
from kamflow.store.open_nudges import ENOUGH_PEOPLE, OpenItem, Sum

COLUMNS = ("nudge", "due", "what", "account", "state")


def nudges(
    *,
    account: str | None = None,
    person: str | None = None,
    break_glass: str | None = None,
    options: Options = HERE,
) -> None:
    """List what is open: yours (--as) in full, everybody's as sums of at least five people.

    Parameters
    ----------
    account
        Only about this customer: key, external id or full name.
    person
        Of this person; only they and their deputy may see it.
    break_glass
        See it nevertheless, with a reason: it is written down and the person is told.
    """
    # Breaking the glass writes; looking does not.
    opened = acting if break_glass else reading
    with opened(options) as desk:
        about = desk.account(account) if account else None
        whose = desk.person(person) if person else desk.actor
        if whose is not None:
            glass.require(desk, whose, "nudges", break_glass)
            items = open_nudges.of_people(desk.session, [whose], about)
        elif glass.reads(desk, None):
            items = open_nudges.of_people(desk.session, None, about)
        else:
            items = None
        sums = open_nudges.sums(desk.session, desk.today, about) if items is None else []
        today = desk.today
    if options.json:
        say_json({"sums": sums} if items is None else {"nudges": items})
    elif items is None:
        _say_sums(sums)
    else:
        _say_items(items, today.isoformat(), several=whose is None)


def _say_sums(sums: Sequence[Sum]) -> None:
    hidden = f"not shown: fewer than {ENOUGH_PEOPLE} people"
    table(
        ("rule", "open", "overdue"),
        [[each.rule, *(hidden if n is None else n for n in (each.open, each.overdue))] for each in sums],
    )
    if not sums:
        say("nothing is open")


def _say_items(items: Sequence[OpenItem], today: str, several: bool) -> None:
    if not items:
        say("nothing is open")
        return
    columns = (*COLUMNS, "person") if several else COLUMNS
    rows = [[item.id, item.due_on, _what(item), item.account_name, _state(item, today)] for item in items]
    if several:
        rows = [[*row, item.person_name] for row, item in zip(rows, items, strict=True)]
    table(columns, rows)


def _what(item: OpenItem) -> str:
    return f"{item.rule} {item.step}" if item.step else item.rule


def _state(item: OpenItem, today: str) -> str:
    said = []
    if item.due_on.isoformat() < today:
        said.append("overdue")
    if item.urgency == "now":
        said.append("urgent")
    if item.stage == "returned":
        said.append("returned")
    if item.snoozed_until is not None and item.snoozed_until.isoformat() > today:
        said.append(f"snoozed until {item.snoozed_until}")
    if item.quiet_until is not None and item.quiet_until.isoformat() > today:
        said.append(f"silent until {item.quiet_until}")
    return ", ".join(said)
