"""`kamflow export`: Excel forms, and CSV for the CRM."""

import sys
from pathlib import Path
from types import ModuleType

from sqlmodel import Session

from kamflow.cli.export_forms import FORMS, Asked
from kamflow.cli.home import opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say
from kamflow.errors import InputError
from kamflow.intake import exporting
from kamflow.store import lookup
from kamflow.store.engine import read

FOLDER, CALENDAR = "folder", "calendar"


def export(
    what: str,
    /,
    *,
    account: str | None = None,
    person: str | None = None,
    period: str | None = None,
    year: int | None = None,
    language: str | None = None,
    out: Path | None = None,
    common: Options = HERE,
) -> None:
    """Write an Excel form or a CSV file.

    Parameters
    ----------
    what
        As Excel form: plan, workbook, contact-matrix, tools, briefing. As a document: plan (--out FILE.pdf),
        folder (what of it is ticked). As .ics: calendar (the due dates of who acts). As CSV: accounts,
        contacts, projects, interactions.
    account
        The customer of a form: key, external id or full name. The tools of all, if not given.
    person
        Whose accounts, of a form about a person.
    period
        2026 or 2026-Q3; this fiscal year if not given.
    year
        First year of a plan; the one in work if not given.
    language
        de or en; the company's if not given, of a folder the customer's.
    out
        The file to write; of a folder .pdf, .zip, or where to put both. Without it CSV goes to standard
        output, the rest to the current folder.
    """
    known = (*FORMS, FOLDER, CALENDAR, *exporting.EXPORTS)
    if what not in known:
        raise InputError(f"cannot export {what!r}: {', '.join(known)}")
    with opened(common) as home, read(home.engine) as session:
        actor = lookup.person(session, common.person).id if common.person else None
        asked = Asked(session, home, account, person, period, language, out, year, actor)
        if what == FOLDER:
            say(*_papers().folder(asked))
        elif what == "plan" and out is not None and out.suffix == ".pdf":
            say(_papers().plan(asked))
        elif what == CALENDAR:
            say(_own_calendar().calendar(asked))
        elif what in FORMS:
            say(FORMS[what](asked))
        else:
            _csv(session, what, out)


def _papers() -> ModuleType:
    """What draws documents is loaded only where one is asked for."""
    from kamflow.cli import export_papers

    return export_papers


def _own_calendar() -> ModuleType:
    from kamflow.cli import export_calendar

    return export_calendar


def _csv(session: Session, what: str, out: Path | None) -> None:
    if out is None:
        exporting.write(session, what, sys.stdout)
    else:
        say(f"{exporting.write_file(session, what, out)} rows: {out}")
