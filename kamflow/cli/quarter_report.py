"""`kamflow quarter report`: the report on a real quarter, as the head of KAM gets it."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Annotated, Any, NamedTuple

from cyclopts import Parameter

from kamflow.acts import rights
from kamflow.cli.home import Desk, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json
from kamflow.errors import InputError, NotFound
from kamflow.intake import periods
from kamflow.knobs import Language
from kamflow.periods import Period, label
from kamflow.store import controlling, quarter_summary, recipients
from kamflow.store.run import Run
from notifications import reported
from notifications.render import html, report_document, speech
from notifications.render.house import House
from notifications.reported import Whole


class _Report(NamedTuple):
    """The facts that stay with the document, and those of every customer."""

    facts: Mapping[str, Any]
    whole: Whole
    language: str
    house: House


def report(
    *,
    within: Annotated[str | None, Parameter(name="--quarter")] = None,
    language: Language | None = None,
    out: Path | None = None,
    options: Options = HERE,
) -> None:
    """Show the report on a quarter as the head of KAM gets it. Needs --as PERSON, a head of KAM.

    Parameters
    ----------
    within
        2026-Q3; the quarter that ended last if not given.
    language
        de, de-AT, de-CH, en, en-GB or en-US; the reader's own if not given.
    out
        A file ending in .pdf (the whole report), .xlsx (every customer), .html or .txt (the mail). Without it
        the mail's text is printed.
    """
    if out is not None and out.suffix not in WRITTEN:
        raise InputError(f"{out}: the name must end in {', '.join(WRITTEN)}")
    with reading(options) as desk:
        made = _made(desk, within, language)
    if out is not None:
        out.write_bytes(WRITTEN[out.suffix](made))
        say(out)
    elif options.json:
        say_json(made.facts)
    else:
        mail = _mail(made)
        say(mail.subject, "", *mail.text.splitlines())


def _made(desk: Desk, within: str | None, language: str | None) -> _Report:
    actor = rights.person(desk.session, desk.actor, "read the quarterly report", desk.today)
    rights.for_head(desk.session, actor, "read the quarterly report", desk.today)
    run = Run(desk.session, quarter_summary.RULE, desk.today, desk.now, desk.policy, desk.company)
    quarter = _quarter(run, within)
    council = desk.settings.works_council
    facts = quarter_summary.summary(run, quarter.first, quarter.last, council=council)
    if not facts["lights"]["count"]:
        company = desk.company
        name = label(quarter, company.fiscal_year_start, company.fiscal_year_changes)
        raise NotFound(
            f"no scorecard of {name} is kept yet: they are with `kamflow run quarterly_controlling`"
        )
    own = recipients.recipients(desk.session, [actor])[actor].language
    spoken = speech.addressed(language or own, desk.company.colleagues)
    whole = reported.whole(desk.session, facts, desk.company)
    return _Report(facts, whole, spoken, House.of(desk.settings))


def _quarter(run: Run, within: str | None) -> Period:
    if within is None:
        return controlling.last_quarter(run)[0]
    company = run.company
    found = periods.period(within, company.fiscal_year_start, company.fiscal_year_changes)
    if found is None or "Q" not in label(found, company.fiscal_year_start, company.fiscal_year_changes):
        raise InputError(f"{within!r}: expected a quarter, such as 2026-Q3")
    return found


def _mail(made: _Report) -> html.RenderedMail:
    names, company = made.whole.names, made.house.company
    sent = {**made.facts, "page": "attached"}
    letter = report_document.letter(sent, made.language, names, company, whole=False)
    return html.laid_out(letter, made.house)


WRITTEN: Mapping[str, Callable[[_Report], bytes]] = {
    ".pdf": lambda made: report_document.paper(made.facts, made.language, made.whole.names, made.house),
    ".xlsx": lambda made: report_document.book(made.whole.facts, made.language, made.whole.names, made.house),
    ".html": lambda made: _mail(made).standalone.encode(),
    ".txt": lambda made: _mail(made).text.encode(),
}
