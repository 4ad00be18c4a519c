"""`kamflow export`: Excel forms, and CSV for the CRM."""

import sys
from pathlib import Path

from sqlmodel import Session

from flows.runtime import Home
from kamflow.cli.home import opened
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say
from kamflow.errors import InputError
from kamflow.intake import exporting
from kamflow.intake.forms import matrix, matrix_workbook
from kamflow.intake.periods import period as parse_period
from kamflow.periods import fiscal_year
from kamflow.store import lookup
from kamflow.store.engine import read

MATRIX = "contact-matrix"


def export(
    what: str,
    /,
    *,
    account: str | None = None,
    period: str | None = None,
    language: str | None = None,
    out: Path | None = None,
    common: Options = HERE,
) -> None:
    """Write an Excel form or a CSV file.

    Parameters
    ----------
    what
        contact-matrix, or as CSV: accounts, contacts, projects, interactions.
    account
        The customer of a contact matrix: key, external id or full name.
    period
        2026 or 2026-Q3; this fiscal year if not given.
    language
        de or en; the company's if not given.
    out
        The file to write. Without it CSV goes to standard output, a matrix to the current folder.
    """
    if what != MATRIX and what not in exporting.EXPORTS:
        raise InputError(f"cannot export {what!r}: {', '.join((MATRIX, *exporting.EXPORTS))}")
    if what == MATRIX and account is None:
        raise InputError("a contact matrix is about one account: --account KEY")
    with opened(common) as home, read(home.engine) as session:
        if account is None or what != MATRIX:
            _csv(session, what, out)
        else:
            say(_matrix(session, home, account, period, language, out))


def _matrix(
    session: Session, home: Home, account: str, period: str | None, language: str | None, out: Path | None
) -> Path:
    """Draw the contact matrix of an account; returns where it is."""
    company, today = home.settings.company, home.today()
    years = (company.fiscal_year_start, company.fiscal_year_changes)
    span = parse_period(period, *years) if period else fiscal_year(today, *years)
    if span is None:
        raise InputError(f"{period!r} is no period: 2026, 2026/27 or 2026-Q3")
    found = lookup.account(session, account)
    path = out or Path(f"contact-matrix-{_safe(found.key)}.xlsx")
    drawn = matrix.load(session, found, span, today)
    matrix_workbook.write(drawn, path, today, language or company.language, *years)
    return path


def _csv(session: Session, what: str, out: Path | None) -> None:
    if out is None:
        exporting.write(session, what, sys.stdout)
    else:
        say(f"{exporting.write_file(session, what, out)} rows: {out}")


def _safe(key: str) -> str:
    return "".join(each if each.isalnum() or each in "-_" else "-" for each in key)
