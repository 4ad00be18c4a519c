"""Look through the briefing of an annual meeting: strike, restore and correct lines, add points, release it.

The lines are those of the page: `measure.12`, `figure.revenue`, `contact.7` … What a line says stays with its
own row; here is only what the KAM made of it for this one talk. A note that was taken back, or of which
another one took the place, stays as `withdrawn`.
"""

from dataclasses import dataclass
from datetime import date
from typing import Any

from kamflow.acts import rights
from kamflow.acts.acting import Acting
from kamflow.errors import InputError, NotFound
from kamflow.models.account import Account
from kamflow.models.meeting import BriefingNote
from kamflow.policy import Policy
from kamflow.rules.annual_meeting import RULE
from kamflow.store import briefing_facts, briefing_rows, rounds
from kamflow.store.rounds import Talk
from kamflow.store.rows import stored
from kamflow.store.run import Run

# How many of a kind fit on the page; a new one takes the place of the last where only one does.
POINTS = {"raise": 3, "ask": 1, "avoid": 1}


@dataclass(frozen=True)
class Reviewed:
    """`state` is released, struck, restored, corrected, noted, withdrawn, or already."""

    account: int
    round: int
    day: date
    state: str
    line: str | None = None
    note: int | None = None


def release(desk: Acting, account: int) -> Reviewed:
    """Say that the briefing of the coming meeting may go to those who attend.

    Raises:
        NotAllowed, NotFound: see `rights.for_kam`; nothing is booked.
    """
    person, talk = _coming(desk, account, "release its briefing")
    row = talk.round
    if row.released_on is not None and row.released_revision == row.revision:
        return _said(talk, "already")
    row.released_on, row.released_revision, row.released_by_id = desk.today, row.revision, person
    desk.record("briefing.released", account, round=talk.id, revision=row.revision)
    return _said(talk, "released")


def strike(desk: Acting, account: int, line: str) -> Reviewed:
    """Leave a line out, or take back a point (`note.5`).

    Raises:
        NotFound: the briefing has no such line.
    """
    person, talk = _coming(desk, account, "strike a line of its briefing")
    notes = _notes(desk, talk)
    if line.startswith("note."):
        return _withdraw(desk, talk, notes, line)
    if any(note.kind == "strike" and note.line == line for note in notes):
        return _said(talk, "already", line)
    _check(desk, talk, line)
    return _noted(desk, talk, _note(desk, talk, person, "strike", line), "struck")


def restore(desk: Acting, account: int, line: str) -> Reviewed:
    """Take a line in again that was struck by mistake.

    Raises:
        NotFound: no such line was struck, and none stands on the briefing.
    """
    _, talk = _coming(desk, account, "restore a line of its briefing")
    struck = [note for note in _notes(desk, talk) if note.kind == "strike"]
    found = [note for note in struck if note.line == line]
    if not found:
        if line in _lines(desk, talk):
            return _said(talk, "already", line)
        names = ", ".join(dict.fromkeys(note.line or "" for note in struck))
        raise NotFound(f"no line {line!r} was struck from the briefing; struck are {names or 'none'}")
    for note in found:
        note.kind = "withdrawn"
    return _noted(desk, talk, found[-1], "restored")


def correct(desk: Acting, account: int, line: str, text: str) -> Reviewed:
    """Put other words beside a line. Raises as `strike` does."""
    person, talk = _coming(desk, account, "correct its briefing")
    words = _words(text)
    same = [each for each in _notes(desk, talk) if each.kind == "correct" and each.line == line]
    if same and same[-1].text == words:
        return _said(talk, "already", line, same[-1].id)
    _check(desk, talk, line)
    _replace(desk, talk, same)
    new = _note(desk, talk, person, "correct", line, words)
    return _noted(desk, talk, new, "corrected")


def point(desk: Acting, account: int, kind: str, text: str) -> Reviewed:
    """Add a point to raise, the question to ask, or what not to raise.

    Raises:
        InputError: no text, or there are three points to raise already.
        NotAllowed, NotFound: see `rights.for_kam`; nothing is booked.
    """
    if kind not in POINTS:
        raise InputError(f"{kind!r}: expected one of {', '.join(POINTS)}")
    person, talk = _coming(desk, account, "add to its briefing")
    words = _words(text)
    there = [note for note in _notes(desk, talk) if note.kind == kind]
    for note in there:
        if note.text == words:
            return _said(talk, "already", note=note.id)
    if POINTS[kind] == 1:
        _replace(desk, talk, there)
    elif len(there) >= POINTS[kind]:
        lines = ", ".join(f"note.{note.id}" for note in there)
        raise InputError(
            f"{len(there)} points are on it ({lines}): strike one first (`kamflow briefing strike`)"
        )
    return _noted(desk, talk, _note(desk, talk, person, kind, text=words), "noted")


def coming(desk: Acting, account: int) -> Talk:
    """The first round of the account's next meeting that is booked and has not passed.

    Raises:
        NotFound: there is none.
    """
    found = [
        talk
        for talk in rounds.of_account(desk.session, account)
        if talk.round.state == "booked" and (talk.round.day or desk.today) >= desk.today
    ]
    if not found:
        name = desk.session.get_one(Account, account).name
        raise NotFound(f"no annual meeting of {name} is booked: there is no briefing to look through")
    return found[0]


def facts(desk: Acting, talk: Talk, policy: Policy | None = None) -> dict[str, Any]:
    """What stands on the briefing of a round."""
    run = Run(desk.session, RULE, desk.today, desk.now, policy or Policy(), desk.company)
    return briefing_facts.gather(run, [talk.id])[talk.id]


def reviewing(desk: Acting, account: int, act: str = "look through its briefing") -> int:
    """Let pass who may look through the account's briefing, and keep others out until it is done.

    Raises:
        NotAllowed: see `rights.for_kam`.
    """
    person = desk.person(act)
    rights.for_kam(desk.session, person, desk.session.get_one(Account, account), RULE, act, desk.today)
    rounds.hold(desk.session, account)
    return person


def _coming(desk: Acting, account: int, act: str) -> tuple[int, Talk]:
    return reviewing(desk, account, act), coming(desk, account)


def _lines(desk: Acting, talk: Talk) -> list[str]:
    return briefing_facts.lines(facts(desk, talk))


def _check(desk: Acting, talk: Talk, line: str) -> None:
    known = _lines(desk, talk)
    if line not in known:
        raise NotFound(f"the briefing has no line {line!r}; there are {', '.join(known) or 'none'}")


def _notes(desk: Acting, talk: Talk) -> list[BriefingNote]:
    return briefing_rows.notes(desk.session, [talk.id], desk.today).get(talk.id, [])


def _note(
    desk: Acting, talk: Talk, person: int, kind: str, line: str | None = None, text: str | None = None
) -> BriefingNote:
    return BriefingNote(
        round_id=talk.id, kind=kind, line=line, text=text, person_id=person, noted_on=desk.today
    )


def _replace(desk: Acting, talk: Talk, notes: list[BriefingNote]) -> None:
    """Withdraw notes of which another one takes the place."""
    for note in notes:
        note.kind = "withdrawn"
        _noted(desk, talk, note, "withdrawn")


def _noted(desk: Acting, talk: Talk, note: BriefingNote, state: str) -> Reviewed:
    desk.session.add(note)
    desk.session.flush()
    number = stored(note.id)
    desk.record(
        f"briefing.{state}",
        talk.meeting.account_id,
        round=talk.id,
        note=number,
        kind=note.kind,
        line=note.line,
    )
    return _said(talk, state, note.line, number)


def _withdraw(desk: Acting, talk: Talk, notes: list[BriefingNote], line: str) -> Reviewed:
    note = next((each for each in notes if f"note.{each.id}" == line), None)
    if note is not None and note.kind == "strike":
        raise NotFound(f"{line} strikes {note.line}: `kamflow briefing restore` takes that line in again")
    if note is None:
        points = ", ".join(f"note.{each.id}" for each in notes if each.kind in POINTS)
        raise NotFound(f"the briefing has no point {line!r}; there are {points or 'none'}")
    if note.kind == "withdrawn":
        return _said(talk, "already", line, note.id)
    note.kind = "withdrawn"
    return _noted(desk, talk, note, "withdrawn")


def _words(text: str) -> str:
    if not text.strip():
        raise InputError("say it in words: the text is empty")
    return text.strip()


def _said(talk: Talk, state: str, line: str | None = None, note: int | None = None) -> Reviewed:
    return Reviewed(talk.meeting.account_id, talk.id, talk.round.day or date.max, state, line, note)
