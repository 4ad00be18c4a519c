"""`kamflow preview`: what a person would receive, from example facts or from what is open."""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from itertools import count, groupby
from pathlib import Path
from time import sleep
from typing import Annotated
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from kamflow.cli import preview_briefing
from kamflow.cli.home import Desk, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError, KamflowError, NotFound
from kamflow.knobs import Language
from kamflow.store import open_nudges, tellings
from notifications import papers, views
from notifications.outbox import Claimed
from notifications.render import gallery, letter, speech
from notifications.render.gallery import Example, Written
from notifications.render.gallery_changes import Changes
from notifications.render.house import House

# Every message may be looked at for what is open, a rule's own name narrows it down.
_WHOLE = ("digest", "now")
# What other commands write, with what only they ask for.
_ELSEWHERE = {
    "account_plan": "kamflow export plan --account KEY --as PERSON --out FILE.pdf",
    "customer_folder": "kamflow folder show --account KEY --as PERSON --out FILE.pdf",
    "quarterly_report": "kamflow quarter report --out FILE.pdf",
}
_PAUSE = 0.4  # seconds between two looks at the templates


@dataclass(frozen=True)
class Made:
    """What was made: its subject, and its files by their suffix."""

    subject: str
    parts: Mapping[str, bytes]


def preview(
    document: str | None = None,
    *,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    watch: Annotated[bool, Parameter(negative="")] = False,
    account: str | None = None,
    language: Language | None = None,
    out: Path | None = None,
    common: Options = HERE,
) -> None:
    """Show a message or a document as it would be received.

    Parameters
    ----------
    document
        What, or one case of it: digest, digest.return, briefing. A name that does not exist lists them all.
    all_
        Every message and document with example facts in both languages, and a page to look at them.
    watch
        With --all: make anew what a changed template or translation concerns, until Ctrl-C.
    account
        Instead of example facts: what is open for the acting person (--as) at this customer; of `briefing`
        the next meeting's.
    language
        de, de-AT, de-CH, en, en-GB or en-US. If not given: with --account the person's own, else de.
    out
        A file, its ending says which part: .html, .txt, .json for Slack, .pdf, .xlsx, .svg, .png, .ics. With
        --all a folder. Without it the text is printed.
    """
    if all_:
        _all(out, watch, common)
        return
    if watch:
        raise InputError("--watch goes with --all --out DIR")
    if document is None:
        raise InputError(f"what? One of {', '.join(gallery.documents())}; or --all --out DIR")
    made = _open(document, account, language, common) if account else _example(document, language or "de")
    if out is not None:
        _write(made.parts, out)
    else:
        _print(made, common)


def _all(out: Path | None, watch: bool, common: Options) -> None:
    if out is None:
        raise InputError("say where: kamflow preview --all --out DIR")
    changes = Changes() if watch else None
    written = gallery.write(out)
    index = str(out / gallery.INDEX)
    if common.json:
        say_json({"examples": written.count, "failed": dict(written.failed), "index": index})
    else:
        say(f"{written.count} examples: {index}", *_failed(written))
    if changes is not None:
        _watch(out, changes)
    elif written.failed:
        raise KamflowError(f"{len(written.failed)} of {written.count} examples could not be made")


def _watch(out: Path, changes: Changes) -> None:
    """Make anew what changes until Ctrl-C; the page that is open loads itself again."""
    with suppress(KeyboardInterrupt):
        for number in count(1):
            while (concerned := changes.since()) is None:
                sleep(_PAUSE)
            written = gallery.write(out, concerned)
            gallery.raise_version(out, number)
            say(f"{written.count} made anew", *_failed(written))


def _failed(written: Written) -> list[str]:
    return [f"  {name}: {why}" for name, why in written.failed.items()]


def _example(document: str, language: str) -> Made:
    name, _, case = document.partition(".")
    cases = gallery.cases(name)
    if not cases:
        raise NotFound(f"no message or document {name!r}; there are {', '.join(gallery.documents())}")
    if case and case not in cases:
        raise NotFound(f"no case {case!r} of {name}; there are {', '.join(cases)}")
    example = Example(name, case or cases[0], language)
    letter = gallery.letter_of(example)
    return Made(letter.subject if letter else name, dict(gallery.parts(example)))


def _print(made: Made, common: Options) -> None:
    parts = made.parts
    if ".txt" not in parts:
        raise InputError(f"no message, so there is no text to print: --out FILE{next(iter(parts))}")
    text = parts[".txt"].decode()
    if common.json:
        slack = json.loads(parts[".slack.json"])
        say_json({"subject": made.subject, "text": text, "html": parts[".html"].decode(), "slack": slack})
    else:
        say(made.subject, "", *text.splitlines())


def _write(parts: Mapping[str, bytes], out: Path) -> None:
    """The part that the name asks for: of several charts the one whose name it ends with, else the first."""
    wanted = ".slack.json" if out.suffix == ".json" else out.suffix
    fitting = [suffix for suffix in parts if suffix.endswith(wanted)] if wanted else []
    if not fitting:
        raise InputError(f"{out}: there is no such part; the name may end in {', '.join(parts)}")
    out.write_bytes(parts[next((each for each in fitting if out.name.endswith(each)), fitting[0])])
    say(out)


def _open(document: str, account: str, language: str | None, common: Options) -> Made:
    """What is open there for the acting person, as if it were told for the first time."""
    with reading(common) as desk:
        if document in _ELSEWHERE:
            raise InputError(f"{document} of a real customer: {_ELSEWHERE[document]}")
        if document == papers.BRIEFING:
            return Made(*preview_briefing.parts(desk, desk.account(account), language))
        if desk.actor is None:
            raise InputError("whose message? Name the person with --as PERSON")
        message = _unsent(desk, desk.actor, desk.account(account), document)
        known = views.load(desk.session, [message], desk.settings, desk.now)
        reader = known.recipients[desk.actor]
        view = views.nudges_view(message, reader, known, desk.settings, desk.now)
    if view is None:
        raise NotFound(f"{document}: nothing is open for {reader.name} at {account}")
    if language:
        spoken = speech.addressed(language, desk.company.colleagues)
        view = replace(view, recipient=replace(view.recipient, language=spoken))
    shown = letter.letter(view)
    return Made(shown.subject, dict(gallery.shown(shown, House.of(desk.settings)).files()))


def _unsent(desk: Desk, person: int, account: int, document: str) -> Claimed:
    item = {nudge.id: nudge.item for nudge in tellings.open_nudges(desk.session, [person])}
    there = open_nudges.of_people(desk.session, [person], account)
    asked = [row.id for row in there if row.id in item and document in (*_WHOLE, row.rule)]
    items = [
        {"nudges": [{"id": number, "reason": "opened", "number": 1, "for_person": None} for number in same]}
        for _, same in groupby(sorted(asked, key=lambda number: item[number]), lambda number: item[number])
    ]
    day = desk.now.astimezone(ZoneInfo(desk.company.zone)).date().isoformat()
    occasion = "now" if document == "now" else "daily"
    facts = {"day": day, "occasion": occasion, "items": items, "more": 0}
    return preview_briefing.as_if_claimed("nudges", "digest", facts, person, desk.now)
