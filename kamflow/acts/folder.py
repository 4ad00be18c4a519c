"""The folder for the customer: tick its pages, take a tick back, write on them, say which measures are meant.

Only ticked pages are handed over. A tick holds for what the page said then; what changed since needs another.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

from sqlmodel import Session

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.documents.customer_folder.folder import PAGES, ready, standing
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.meeting import FolderPage
from kamflow.models.plan import Measure
from kamflow.rules.annual_meeting import RULE
from kamflow.store import folder_facts, folder_ticks, rounds
from kamflow.store.folder_facts import Gathered


@dataclass(frozen=True)
class Ticked:
    """What became of a page: ticked, unticked, written, or already. `empty`: nothing stands on it."""

    account: int
    meeting: int
    page: str
    state: str
    empty: bool = False


@dataclass(frozen=True)
class Shared:
    """What became of a measure: shared with the customer, kept internal, or already."""

    account: int
    measure: int
    state: str


@dataclass(frozen=True)
class Standing:
    """How a page of the folder stands: ticked, changed since it was, or open."""

    page: str
    state: str
    ticked_on: date | None
    ticked_by: int | None


def tick(desk: Acting, account: int, pages: Sequence[str] | None = None) -> list[Ticked]:
    """Say of pages, as they are now, that they may be handed to the customer; without any named, of all on
    which something stands.

    The agenda is ticked as it will be: with the pages that may be handed over then.

    Raises:
        InputError: the folder has no such page.
        NotAllowed, NotFound: see `rights.for_kam`; no meeting is booked.
    """
    person, found = _open(desk, account, "tick a page of its folder", PAGES if pages is None else pages)
    filled = found.folder.filled
    handed = ready(found.folder, found.ticks).pages
    pages = filled if pages is None else pages
    now = found.folder.about({*handed, *pages}).digests()
    said: list[Ticked] = []
    for page in pages:
        if standing(now[page], found.ticks.get(page)) == "ticked":
            done = Ticked(account, found.meeting, page, "already")
        else:
            row = folder_ticks.page(desk.session, found.meeting, page)
            row.digest, row.ticked_on, row.ticked_by_id = now[page], desk.today, person
            done = _done(desk, account, row, "ticked")
        said.append(replace(done, empty=page not in filled))
    return said


def untick(desk: Acting, account: int, pages: Sequence[str]) -> list[Ticked]:
    """Leave pages out of the folder; raises as `tick` does."""
    _, found = _open(desk, account, "take a page out of its folder", pages)
    said: list[Ticked] = []
    for page in pages:
        if page not in found.ticks:
            said.append(Ticked(account, found.meeting, page, "already"))
            continue
        row = folder_ticks.page(desk.session, found.meeting, page)
        row.digest = row.ticked_on = row.ticked_by_id = None
        said.append(_done(desk, account, row, "unticked"))
    return said


def write(desk: Acting, account: int, page: str, text: str) -> Ticked:
    """Put words for the customer on a page in place of those there; empty ones take them away.

    Raises as `tick` does.
    """
    _, found = _open(desk, account, "write in its folder", [page])
    row = folder_ticks.page(desk.session, found.meeting, page)
    if (row.words or "") == text.strip():
        return Ticked(account, found.meeting, page, "already")
    row.words = text.strip() or None
    return _done(desk, account, row, "written")


def share(desk: Acting, measures: Sequence[int], *, with_customer: bool) -> list[Shared]:
    """Say of measures whether the customer may read of them.

    Raises:
        NotAllowed, NotFound: see `rights.for_kam`; there is no such measure.
    """
    act = "share a measure with the customer" if with_customer else "keep a measure internal"
    person = desk.person(act)
    said: list[Shared] = []
    for number in measures:
        row = desk.session.get(Measure, number, populate_existing=True)
        if row is None:
            raise NotFound(f"no measure {number}: `kamflow measure list` names them")
        account = desk.session.get_one(Account, row.account_id)
        rights.for_kam(desk.session, person, account, RULE, act, desk.today)
        state = "shared" if with_customer else "internal"
        if row.for_customer == with_customer:
            state = "already"
        else:
            row.for_customer, row.version = with_customer, row.version + 1
            desk.session.flush()
            desk.record(f"measure.{state}", row.account_id, measure=number)
        said.append(Shared(row.account_id, number, state))
    return said


def pages(session: Session, found: Gathered) -> list[Standing]:
    """Every page of a folder and how it stands, in their order."""
    rows = folder_ticks.of_meeting(session, found.meeting)
    now = found.folder.digests()
    return [
        Standing(
            page,
            standing(now[page], found.ticks.get(page)),
            rows[page].ticked_on if page in rows else None,
            rows[page].ticked_by_id if page in rows else None,
        )
        for page in now
    ]


def gather(desk: Acting, account: int) -> Gathered:
    """The folder for the account's next talk that is booked, else for the last one that was held.

    Raises:
        NotFound: there is none.
    """
    talks = [each for each in rounds.of_account(desk.session, account) if each.round.state != "cancelled"]
    coming = [each for each in talks if each.day >= desk.today and each.round.state == "booked"]
    if not talks:
        name = desk.session.get_one(Account, account).name
        raise NotFound(f"no annual meeting of {name} is booked: there is no folder (`kamflow meeting book`)")
    return folder_facts.gather(desk.session, (coming or talks[-1:])[0].id, desk.today, desk.company)


def _open(desk: Acting, account: int, act: str, asked: Sequence[str]) -> tuple[int, Gathered]:
    person = desk.person(act)
    rights.for_kam(desk.session, person, desk.session.get_one(Account, account), RULE, act, desk.today)
    unknown = [page for page in asked if page not in PAGES]
    if unknown or not asked:
        raise InputError(f"{', '.join(unknown) or 'no page'}: the folder has {', '.join(PAGES)}")
    rounds.hold(desk.session, account)
    return person, gather(desk, account)


def _done(desk: Acting, account: int, row: FolderPage, state: str) -> Ticked:
    desk.session.add(row)
    desk.session.flush()
    desk.record(f"folder.{state}", account, meeting=row.meeting_id, page=row.page)
    return Ticked(account, row.meeting_id, row.page, state)
