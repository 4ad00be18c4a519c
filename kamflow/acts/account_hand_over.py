"""Give a whole account to another KAM: team, contact plan, measures, questions and plans in work.

The team says from which day on. On that day what is open moves, of sites without a KAM of their own too, and
the successor gets one page; the rules name the new KAM with the next run. The approver stays, and what was
done stays with who did it.
"""

from dataclasses import dataclass
from datetime import date

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.acts.pause import kams
from kamflow.errors import InputError, NotAllowed
from kamflow.models.account import Account
from kamflow.models.person import Person, Role
from kamflow.periods import fiscal_year
from kamflow.store import account_move, handover_note, teams
from kamflow.store.account_move import Move
from kamflow.store.contacts import accounts_kams
from kamflow.store.engine import lock


@dataclass(frozen=True)
class Moved:
    """`state` is handed over, announced (moves on its day), or already; then what moved.

    `also`: other KAMs the account had, whose tasks moved as well.
    """

    account: int
    state: str
    before: int | None
    to: int
    on: date
    targets: int = 0
    measures: int = 0
    questions: int = 0
    plans: int = 0
    also: tuple[int, ...] = ()


def hand_over(desk: Acting, account: int, to: int, on: date) -> Moved:
    """Make somebody the KAM of an account from a day on; what was announced for later is taken back.

    Raises:
        InputError: the account is closed, the other one will have left or is no KAM, or the day lies before
            the running fiscal year.
        NotAllowed: the actor is neither its KAM, who stands in for them, the head nor operations.
    """
    _check(desk, account, to, on)
    lock(desk.session, f"team:{account}")
    before = accounts_kams(desk.session, [account], on).get(account)
    if before == to and not account_move.others_later(desk.session, account, to, on):
        return Moved(account, "already", before, to, on)
    people = _ended(desk, account, to, on)
    move, ahead = Move(account, to, on), on > desk.today
    first, also = next(iter(people), None), tuple(people[1:])
    said = {"before": first, "to": to, "on": on.isoformat(), "also": len(also), "ahead": ahead}
    desk.record("account.handed_over", account, **said)
    handover_note.keep(desk.session, move, first, moved=not ahead)
    if ahead:
        return Moved(account, "announced", first, to, on, also=also)
    moved = account_move.everything(desk.session, move, people, desk.now, desk.actor)
    return Moved(
        account, "handed over", first, to, on,
        moved.targets, moved.measures, moved.questions, moved.plans, also,
    )  # fmt: skip


def _ended(desk: Acting, account: int, to: int, on: date) -> list[int]:
    """Let the team say it; who looked after the account, or above it, and does no more.

    What was only announced and is taken back now had not begun: nothing is theirs yet.
    """
    rows = account_move.team(desk.session, account, to, on)
    ended = [row.person_id for row in rows if row.from_day is None or row.from_day <= desk.today]
    found = dict.fromkeys((*ended, *account_move.until(desk.session, account, on)))
    return [person for person in found if person != to]


def _check(desk: Acting, account: int, to: int, on: date) -> None:
    row, person = desk.session.get_one(Account, account), desk.session.get_one(Person, to)
    if desk.actor is not None:
        actor = desk.person("hand it over")
        own = kams(desk.session, account, desk.today)
        if actor not in own and not rights.is_head(desk.session, actor, desk.today):
            raise NotAllowed(
                f"only the KAM of {row.name}, who stands in for them, the head of KAM or operations may hand"
                " it over"
            )
    year = fiscal_year(desk.today, desk.company.fiscal_year_start, desk.company.fiscal_year_changes)
    if on < year.first:
        raise InputError(
            f"{on} lies before the running fiscal year, whose first day is {year.first}: name a day within it"
        )
    held = teams.roles(desk.session, to)
    if held and not held & {Role.KAM, Role.HEAD}:
        raise InputError(
            f"{person.name} has not the role of a KAM: give it in the import of people, or choose another"
        )
    if row.closed_on is not None and row.closed_on <= on:
        raise InputError(f"{row.name} is closed since {row.closed_on}: there is nothing to hand over")
    if person.left_on is not None and person.left_on < on:
        raise InputError(f"{person.name} leaves on {person.left_on}, before {on}: choose somebody else")
