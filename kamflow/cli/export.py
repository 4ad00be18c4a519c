"""`kamflow export`: Excel forms, and CSV for the CRM."""

import sys
from pathlib import Path

from sqlmodel import Session

from kamflow.cli.export_forms import FORMS, Asked
from kamflow.cli.home import opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say
from kamflow.errors import InputError
from kamflow.intake import exporting
from kamflow.store.engine import read


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
        As Excel form: plan, workbook, contact-matrix, tools. As CSV: accounts, contacts, projects,
        interactions.
    account
        The customer of a form: key, external id or full name. The tools of all, if not given.
    person
        Whose accounts, of a form about a person.
    period
        2026 or 2026-Q3; this fiscal year if not given.
    year
        First year of a plan; the one in work if not given.
    language
        de or en; the company's if not given.
    out
        The file to write. Without it CSV goes to standard output, a form to the current folder.
    """
    if what not in FORMS and what not in exporting.EXPORTS:
        raise InputError(f"cannot export {what!r}: {', '.join((*FORMS, *exporting.EXPORTS))}")
    with opened(common) as home, read(home.engine) as session:
        if what in FORMS:
            say(FORMS[what](Asked(session, home, account, person, period, language, out, year)))
        else:
            _csv(session, what, out)


def _csv(session: Session, what: str, out: Path | None) -> None:
    if out is None:
        exporting.write(session, what, sys.stdout)
    else:
        say(f"{exporting.write_file(session, what, out)} rows: {out}")
