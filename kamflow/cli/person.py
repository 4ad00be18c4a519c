"""`kamflow person`: all that is stored about a human, and taking their name away."""

import json
from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import erase as erasing_
from kamflow.acts import erase_again, erased_files, person_export
from kamflow.acts.erase import Foreseen
from kamflow.cli import glass
from kamflow.cli import person_said as words
from kamflow.cli.home import Desk, acting, opened, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.errors import InputError, NotFound
from kamflow.models.contact import Contact
from kamflow.models.erasure import Erased
from kamflow.models.person import Person
from kamflow.store import erasing, erasures, lookup, packing
from notifications.render import person_data, speech

person = App(name="person")
Flag = Annotated[bool, Parameter(negative="")]


@person.command
def export(
    who: str,
    /,
    *,
    out: Path,
    language: str | None = None,
    kind: str | None = None,
    break_glass: str | None = None,
    options: Options = HERE,
) -> None:
    """Write all that is stored about somebody: JSON, and a page in plain words (Art. 15, 20 GDPR).

    Other people stand in it by number only. Texts that name the person are quoted with a few words around:
    read them before you hand the file over.

    Parameters
    ----------
    who
        Key, external id, e-mail address or full name.
    out
        The file to write, such as purr.json; the page is purr.md.
    language
        de or en; the person's own if not given.
    kind
        contact or person, where both are called so.
    break_glass
        Why operations export what one of our people has open (works council); that person is told.
    """
    page = out.with_suffix(".md")
    if out.suffix != ".json":
        raise InputError(f"{out}: give a file that ends in .json")
    with acting(options) as desk:
        found, number = named(desk, who, kind)
        _may_export(desk, found, number, break_glass)
        facts = person_export.export(desk.session, found, number, desk.now, desk.actor)
        spoken = speech.formal(language or _language(desk, found, number) or desk.company.language)
        text = person_data.summary(facts, spoken, desk.company.name, desk.today)
        _written(out, json.dumps(facts, ensure_ascii=False, indent=2) + "\n")
        _written(page, text)
    if options.json:
        say_json({"data": out, "page": page, "texts": len(facts["texts"])})
        return
    say(f"written: {out} and {page}")
    if facts["texts"]:
        say(f"  {len(facts['texts'])} texts name them: look through them, they may name others too")


def _may_export(desk: Desk, kind: Erased, number: int, reason: str | None) -> None:
    """Let the person themselves pass, and operations; what one of our people has open needs the glass."""
    if kind == Erased.PERSON and desk.actor == number:
        return
    erasing_.may(desk.session, desk.actor, "export what is stored about somebody else")
    if kind == Erased.PERSON and desk.settings.works_council:
        glass.require(desk, number, "person export", reason)


def _language(desk: Desk, kind: Erased, number: int) -> str | None:
    row = Contact if kind == Erased.CONTACT else Person
    return desk.session.get_one(row, number).language


def _written(path: Path, text: str) -> None:
    path.touch(mode=0o600)
    path.chmod(0o600)
    path.write_text(text, encoding="utf-8")


@person.command
def erase(
    who: str | None = None,
    /,
    *,
    yes: Flag = False,
    dry_run: Flag = False,
    replace: Flag = False,
    files: Flag = False,
    vacuum: Flag = False,
    kind: str | None = None,
    options: Options = HERE,
) -> int:
    """Erase a contact, or one of our people who left: names and addresses go, counts stay (Art. 17 GDPR).

    Shown first is what goes, what stays, and what a human has to look at; with --yes it happens.

    Parameters
    ----------
    who
        Key, external id, e-mail address or full name.
    yes
        Erase; without it nothing is changed.
    dry_run
        Only look, even with --yes.
    replace
        Swap the name for "erased contact" in texts that surely mean this person.
    files
        Swap the name in the files of done/ and rejects/, too; workbooks there are removed.
    vacuum
        Without a name: pack the database, where that was not possible when somebody was erased.
    kind
        contact or person, where both are called so.
    """
    if who is None:
        if not vacuum:
            raise InputError("who is to be erased? give a key, an e-mail address or a full name")
        return _vacuum(options)
    if not yes or dry_run:
        with reading(options) as desk:
            seen = _look(desk, who, kind)
            found = erased_files.find(desk.settings.home, seen.spelled)
            words.foreseen(desk, seen, found, json=options.json)
        return 0
    return _erase(options, who, kind, replace=replace, files=files)


@person.command
def erased(*, options: Options = HERE) -> None:
    """List who was erased: numbers and days, no names."""
    with reading(options) as desk:
        erasing_.may(desk.session, desk.actor, "see who was erased")
        found = erasures.all_of(desk.session)
    rows = [
        {
            "erasure": each.number,
            "kind": each.kind.value,
            "id": each.row,
            "on": each.day,
            "kept_out": bool(each.digests),
        }
        for each in found
    ]
    if options.json:
        say_json({"erased": rows})
    else:
        table(("erasure", "kind", "id", "on", "kept out"), [list(row.values()) for row in rows])


@person.command
def readmit(erasure: int, /, *, options: Options = HERE) -> None:
    """Let imports bring somebody back who was erased and came again by their own wish.

    Parameters
    ----------
    erasure
        Its number, as the rejected row says it.
    """
    with acting(options) as desk:
        erasing_.may(desk.session, desk.actor, "readmit somebody")
        digests = erasing_.readmit(desk.session, erasure, desk.now, desk.actor)
        home = desk.settings.home
    erase_again.readmitted(home, digests)
    if options.json:
        say_json({"readmitted": erasure})
    else:
        say(f"erasure {erasure}: the next import may bring this person in again, as somebody new")


def _look(desk: Desk, who: str, kind: str | None) -> Foreseen:
    erasing_.may(desk.session, desk.actor, "erase somebody")
    found, number = named(desk, who, kind)
    erasing_.refuse(desk.session, found, number, desk.today)
    return erasing_.foresee(desk.session, found, number)


def named(desk: Desk, who: str, kind: str | None) -> tuple[Erased, int]:
    """Who is meant: a contact or one of our people.

    Raises:
        NotFound: nobody is called so; InputError: one of each is.
    """
    wanted = [Erased(kind)] if kind in tuple(Erased) else list(Erased)
    if kind is not None and len(wanted) > 1:
        raise InputError(f"--kind {kind}: contact or person")
    found: list[tuple[Erased, int]] = []
    missing: list[str] = []
    for each in wanted:
        find = lookup.contact if each == Erased.CONTACT else lookup.person
        try:
            found.append((each, find(desk.session, who).id or 0))
        except NotFound as error:
            missing.append(str(error))
    if not found:
        raise NotFound("; ".join(missing))
    if len(found) > 1:
        raise InputError(f"{who!r} is a contact and one of our people: say --kind contact or --kind person")
    return found[0]


def _erase(options: Options, who: str, kind: str | None, *, replace: bool, files: bool) -> int:
    with acting(options) as desk:
        key = erasing_.secret(desk.settings)
        seen = _look(desk, who, kind)
        home = desk.settings.home
        found = erased_files.find(home, seen.spelled)
        done = erasing_.erase(
            desk.session, seen, key, desk.now, desk.today, actor=desk.actor, replace=replace
        )
    changed = erased_files.clean(found, seen.spelled, erasing.MARKED[seen.kind]) if files else (0, 0)
    with opened(options) as opened_home:
        erase_again.write_down(opened_home.engine, home, replaced=[done.erasure] if replace else [])
        packed = packing.pack(opened_home.engine)
    still = [each for each in found if not (files and each.ours)]
    words.erased(seen, done, still, changed, packed, json=options.json)
    return 0 if packed.done else 1


def _vacuum(options: Options) -> int:
    with reading(options) as desk:
        erasing_.may(desk.session, desk.actor, "pack the database")
    with opened(options) as home:
        packed = packing.pack(home.engine)
    if options.json:
        say_json({"packed": packed.done, "said": packed.said})
    else:
        say(packed.said)
    return 0 if packed.done else 1
