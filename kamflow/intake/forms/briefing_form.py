"""The briefing of a coming annual meeting as a form: strike and correct lines, add points, release it.

A line that changed in kamflow since the form was written comes back with both values, for it may no longer be
what was meant; so does what was noted elsewhere meanwhile. Read in again, the same form changes nothing.
"""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from kamflow.acts import briefing as acts
from kamflow.acts.acting import Acting
from kamflow.acts.briefing import POINTS
from kamflow.intake.entities.fields import Field
from kamflow.intake.forms import briefing_lines
from kamflow.intake.forms.briefing_lines import Shown
from kamflow.intake.forms.sheet import Column, Line, Sheet, Title
from kamflow.intake.forms.sheet_workbook import opened
from kamflow.models.account import Account
from kamflow.models.meeting import BriefingNote
from kamflow.store import briefing_rows
from kamflow.store.rounds import Talk

KIND = "briefing"
CROSS = (("x", "x"),)
LINES = Sheet(
    "briefing_lines",
    KIND,
    Title("Zeilen", "Lines"),
    (
        Column(Field("line"), Title("Zeile", "Line"), 18, fixed=True),
        Column(Field("about", "long"), Title("Inhalt", "What it says"), 60, fixed=True),
        Column(Field("day", "day"), Title("Datum", "Date"), 12, fixed=True),
        Column(Field("source"), Title("Quelle", "Source"), 14, fixed=True),
        Column(Field("strike", "choice", choices=CROSS), Title("Streichen (x)", "Strike (x)"), 11),
        Column(Field("correct", "long"), Title("Korrektur", "Correction"), 60),
    ),
    Title(
        "Streichen oder eigene Worte daneben stellen, dann einlesen (kamflow import DATEI --as PERSON).",
        "Strike lines or put your own words beside them, then read it in (kamflow import FILE --as PERSON).",
    ),
)
NOTES = Sheet(
    "briefing_points",
    KIND,
    Title("Punkte", "Points"),
    (
        Column(Field("kind"), Title("Wozu", "What for"), 26, fixed=True),
        Column(Field("text", "long"), Title("Text", "Text"), 90),
    ),
    Title("Eigene Punkte für die Seite.", "Points of your own for the page."),
)
RELEASE = Sheet(
    "briefing_release",
    KIND,
    Title("Freigabe", "Release"),
    (
        Column(Field("meeting"), Title("Jahresgespräch mit", "Annual meeting with"), 40, fixed=True),
        Column(Field("day", "day"), Title("Am", "On"), 12, fixed=True),
        Column(Field("release", "choice", choices=CROSS), Title("Freigeben (x)", "Release (x)"), 14),
    ),
    Title(
        "Mit x geht das Briefing an alle, die teilnehmen. Das lässt sich nicht zurücknehmen.",
        "With an x the briefing goes to those who attend. That cannot be taken back.",
    ),
)
_KINDS: Mapping[str, Title] = {
    "raise": Title("Ansprechen", "To raise"),
    "ask": Title("Fragen", "To ask"),
    "avoid": Title("Nicht ansprechen", "Not to raise"),
}


def write(desk: Acting, path: Path, account: Account, language: str) -> None:
    """Write the form of the account's next briefing.

    Raises:
        NotFound: no meeting is booked.
    """
    talk = acts.coming(desk, account.id or 0)
    known, noted = lines(desk, talk, language), notes(desk, talk)
    with opened(path, KIND, language, desk.today, {}) as workbook:
        for name, value in (("account", account.key), ("round", talk.id), ("revision", talk.round.revision)):
            workbook.meta(name, str(value))
        workbook.add(LINES, [_line(each, noted) for each in known.values()], blank=0)
        for each in known.values():
            workbook.remember(LINES.code, each.code, "shown", told(each))
        workbook.add(NOTES, [*_slots(noted, language)], blank=0)
        workbook.add(RELEASE, [_release(account, talk)], blank=0)


def lines(desk: Acting, talk: Talk, language: str) -> dict[str, Shown]:
    """What stands on the briefing today, by what its lines are called."""
    found = briefing_lines.of(desk.session, acts.facts(desk, talk), language)
    return {each.code: each for each in found}


def notes(desk: Acting, talk: Talk) -> list[BriefingNote]:
    """What was made of the lines so far."""
    found = briefing_rows.notes(desk.session, [talk.id], desk.today).get(talk.id, [])
    return [each for each in found if each.kind != "withdrawn"]


def told(line: Shown) -> str:
    """All that a line says, to compare it with what it said before."""
    return f"{line.text} ({line.day or '–'}, {line.source})"


def noted_on(noted: list[BriefingNote], line: str) -> dict[str, Any]:
    """The cells of a line as they are stored."""
    own = {each.kind: each.text for each in noted if each.line == line}
    return {"strike": "x" if "strike" in own else None, "correct": own.get("correct")}


def released(talk: Talk) -> bool:
    """Whether it is released for the day it has."""
    return talk.round.released_on is not None and talk.round.released_revision == talk.round.revision


def _line(shown: Shown, noted: list[BriefingNote]) -> Line:
    about = {"line": shown.code, "about": shown.text, "day": shown.day, "source": shown.source}
    return Line(shown.code, 1, about | noted_on(noted, shown.code))


def _slots(noted: list[BriefingNote], language: str) -> Iterator[Line]:
    """A line for each point there is room for; the version says which note stands in it."""
    for kind, room in POINTS.items():
        there = [each for each in noted if each.kind == kind]
        for number in range(room):
            note = there[number] if number < len(there) else None
            title = _KINDS[kind][language] + (f" {number + 1}" if room > 1 else "")
            values = {"kind": title, "text": note.text if note else None}
            yield Line(f"{kind}-{number + 1}", (note.id or 0) if note else 0, values)


def _release(account: Account, talk: Talk) -> Line:
    cross = "x" if released(talk) else None
    return Line("release", 1, {"meeting": account.name, "day": talk.round.day, "release": cross})
