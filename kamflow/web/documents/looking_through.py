"""What a KAM makes of a draft: lines to leave out, a correction, points, the release."""

from collections.abc import Callable, Mapping
from datetime import date

from kamflow.acts import briefing
from kamflow.acts.acting import Acting
from kamflow.acts.briefing import POINTS
from kamflow.errors import InputError
from kamflow.web.documents.reading import Paper
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.literal import clip
from notifications.render.reader import Reader

LONGEST = 600  # characters of a correction or a point: longer ones do not fit the page
_LABEL = 80
Fields = Mapping[str, list[str]]


def labels(paper: Paper, language: str, today: date) -> dict[str, str]:
    """What each line is called in a form."""
    if not paper.lines:
        return {}
    words = module(language, "document_page/words.j2")
    reader = Reader(paper.names, Formats(locale_of(language), today), words.unknown())
    return {
        line: clip(" ".join(str(words.label(reader, *line.split(".", 1))).split()), _LABEL)
        for line in paper.lines
    }


def lines(desk: Acting, paper: Paper, fields: Fields) -> str:
    """Leave out what was unticked, take in again what was ticked."""
    wanted = set(fields.get("line", ()))
    changed = 0
    for line in paper.lines:
        if line not in wanted and line not in paper.struck:
            changed += briefing.strike(desk, paper.account, line).state != "already"
        elif line in wanted and line in paper.struck:
            changed += briefing.restore(desk, paper.account, line).state != "already"
    return "saved" if changed else "kept"


def correct(desk: Acting, paper: Paper, fields: Fields) -> str:
    """Put other words beside a line."""
    line = _text(fields, "line")
    if line not in paper.lines:
        raise InputError(f"no line {line!r}")
    said = briefing.correct(desk, paper.account, line, _text(fields, "text"))
    return "kept" if said.state == "already" else "saved"


def point(desk: Acting, paper: Paper, fields: Fields) -> str:
    """Add what to raise, to ask or not to raise."""
    kind = _text(fields, "kind")
    if kind not in POINTS:
        raise InputError(f"no kind {kind!r}")
    said = briefing.point(desk, paper.account, kind, _text(fields, "text"))
    return "kept" if said.state == "already" else "saved"


def take_back(desk: Acting, paper: Paper, fields: Fields) -> str:
    """Take a point back."""
    number = _text(fields, "note")
    notes = {str(each["note"]) for kind in POINTS for each in paper.facts["points"][kind]}
    if number not in notes:
        raise InputError("no such point")
    briefing.strike(desk, paper.account, f"note.{number}")
    return "saved"


def release(desk: Acting, paper: Paper, fields: Fields) -> str:
    """Let it go to those who attend."""
    del fields
    return "already" if briefing.release(desk, paper.account).state == "already" else "released"


def _text(fields: Fields, name: str) -> str:
    text = (fields.get(name) or [""])[0].replace("\r\n", "\n").replace("\0", "\N{REPLACEMENT CHARACTER}")
    if not text.strip() or len(text) > LONGEST:
        raise InputError(f"{name}: expected 1 to {LONGEST} characters")
    return text.strip()


FORMS: Mapping[str, Callable[[Acting, Paper, Fields], str]] = {
    "lines": lines,
    "correct": correct,
    "point": point,
    "take-back": take_back,
    "release": release,
}
