"""`kamflow preview`: what a person would receive, from example facts or from what is open."""

from dataclasses import replace
from itertools import groupby
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from cyclopts import Parameter

from kamflow.cli.home import Desk, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError, NotFound
from kamflow.store import open_nudges, tellings
from notifications import views
from notifications.outbox import Claimed
from notifications.render import examples, gallery, letter
from notifications.render.gallery import Shown

# Every message may be looked at for what is open, a rule's own name narrows it down.
_WHOLE = ("digest", "now")


def preview(
    document: str | None = None,
    *,
    all_: Annotated[bool, Parameter(name="--all", negative="")] = False,
    account: str | None = None,
    language: Literal["de", "en"] | None = None,
    out: Path | None = None,
    common: Options = HERE,
) -> None:
    """Show a message as it would be received.

    Parameters
    ----------
    document
        contact_shortfall, plan_creation, digest, now, rejects, held_file, alert; one case: digest.return.
    all_
        Every message with example facts in both languages, and a page to look at them.
    account
        Instead of example facts: what is open for the acting person (--as) at this customer.
    language
        de or en. If not given: with --account the person's own, else de.
    out
        A file (.html, .txt, or .json for Slack), with --all a folder. Without it the text is printed.
    """
    if all_:
        _all(out, common)
        return
    if document is None:
        raise InputError(f"which message? One of {', '.join(examples.documents())}; or --all --out DIR")
    message = _open(document, account, language, common) if account else _example(document, language or "de")
    if out is not None:
        _write(message, out)
    elif common.json:
        mail, post = message.mail, message.post
        slack = {"text": post.text, "blocks": post.blocks}
        say_json({"subject": mail.subject, "text": mail.text, "html": mail.html, "slack": slack})
    else:
        say(message.subject, "", *message.mail.text.splitlines())


def _all(out: Path | None, common: Options) -> None:
    if out is None:
        raise InputError("say where: kamflow preview --all --out DIR")
    count = gallery.write(out)
    if common.json:
        say_json({"messages": count, "index": str(out / "index.html")})
    else:
        say(f"{count} messages: {out / 'index.html'}")


def _example(document: str, language: str) -> Shown:
    name, _, case = document.partition(".")
    if name not in examples.documents():
        raise NotFound(f"no message {name!r}; there are {', '.join(examples.documents())}")
    cases = examples.cases(name)
    if case and case not in cases:
        raise NotFound(f"no case {case!r} of {name}; there are {', '.join(cases)}")
    case = case or cases[0]
    return gallery.shown(f"{name}.{case}.{language}", examples.example(name, case, language))


def _open(document: str, account: str, language: str | None, common: Options) -> Shown:
    """What is open there for the acting person, as if it were told for the first time."""
    with reading(common) as desk:
        if desk.actor is None:
            raise InputError("whose message? Name the person with --as PERSON")
        message = _unsent(desk, desk.actor, desk.account(account), document)
        known = views.load(desk.session, [message], desk.settings, desk.now)
        reader = known.recipients[desk.actor]
        view = views.nudges_view(message, reader, known, desk.settings, desk.now)
    if view is None:
        raise NotFound(f"{document}: nothing is open for {reader.name} at {account}")
    if language:
        view = replace(view, recipient=replace(view.recipient, language=language))
    return gallery.shown(f"{document}.{account}", letter.letter(view))


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
    return Claimed(
        id=0,
        key="preview",
        kind="nudges",
        channel="email",
        template="digest",
        facts={"day": day, "occasion": occasion, "items": items, "more": 0},
        person=person,
        contact=None,
        priority=5,
        attempt=0,
        mail_id=None,
        instead_of=None,
        until=desk.now,
        unsure=False,
    )


def _write(message: Shown, out: Path) -> None:
    suffix = ".slack.json" if out.suffix == ".json" else out.suffix
    parts = dict(message.files())
    if suffix not in parts:
        raise InputError(f"{out}: the name must end in .html, .txt, or .json for Slack")
    out.write_text(parts[suffix], encoding="utf-8")
    say(out)
