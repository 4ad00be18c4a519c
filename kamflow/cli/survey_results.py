"""`kamflow survey results`: what the surveys of an account, or of all accounts, came to."""

from collections.abc import Iterable
from typing import Any

from kamflow.acts import rights
from kamflow.cli.home import Desk, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table
from kamflow.figures.survey_results import Gap, Result
from kamflow.models.account import Account
from kamflow.store import survey_results
from kamflow.store.survey_results import Reading

COLUMNS = ("year", "source", "asked", "answered", "NPS", "promoters", "passives", "detractors", "coverage")


def results(account: str | None = None, /, *, options: Options = HERE) -> None:
    """What surveys came to: NPS with counts and coverage, expectation against experience.

    Parameters
    ----------
    account
        Key, external id or full name; without one the newest survey of each account, for the head of KAM.
    """
    with reading(options) as desk:
        if account is None:
            _of_all(desk, as_json=options.json)
        else:
            _of_account(desk, desk.account(account), as_json=options.json)


def _of_account(desk: Desk, number: int, *, as_json: bool) -> None:
    row = desk.session.get_one(Account, number)
    actor = desk.to_act().person("see what was answered")
    rights.for_account(desk.session, actor, row, "see what was answered", desk.today)
    found = survey_results.of_account(_reading(desk, number), number)
    if as_json:
        years, waves = ([plain(each) for each in some] for some in (found.years, found.waves))
        say_json({"account": row.key, "years": years, "waves": waves})
        return
    if not found.years:
        say(f"{row.name}: nobody was asked yet, and no answers were imported")
        return
    say(f"{row.name}: the newest year first, all surveys of a year together")
    table(COLUMNS, [_row(each) for each in found.years])
    if len(found.waves) > len(found.years):
        say("one by one:")
        table(COLUMNS, [_row(each) for each in found.waves])
    _say_gaps(found.years[0])


def _of_all(desk: Desk, *, as_json: bool) -> None:
    actor = desk.to_act().person("see what was answered everywhere")
    rights.for_head(desk.session, actor, "see what was answered everywhere", desk.today)
    found, total = survey_results.newest(_reading(desk, None), None)
    names = {number: desk.account_key(number) for number in found}
    if as_json:
        rows = [{"account": names[number]} | plain(each) for number, each in found.items()]
        say_json({"accounts": rows, "total": plain(total) if total else None})
        return
    if total is None:
        say("nobody has answered yet, and no answers were imported")
        return
    rows = [[names[number], *_row(each)] for number, each in found.items()]
    table(("account", *COLUMNS), [*rows, ["all", "", *_row(total)[1:]]])


def _reading(desk: Desk, account: int | None) -> Reading:
    policy = desk.policy if account is None else desk.policy.of(account)
    return Reading(desk.session, desk.today, desk.company.zone, policy.survey_dispatch.nps_from)


def plain(found: Result) -> dict[str, Any]:
    """A result as JSON; what is not known is null, never 0."""
    score = found.score
    return {
        "year": str(found.year),
        "sources": found.sources,
        "scales": found.scales,
        "first": found.first,
        "last": found.last,
        "asked": found.asked,
        "answered": found.answered,
        "scores": score.answers,
        "promoters": score.promoters,
        "passives": score.passives,
        "detractors": score.detractors,
        "nps": _figure(score.nps),
        "raw": score.raw,
        "coverage": found.coverage._asdict() | {"percent": found.coverage.percent},
        "gaps": [_gap(each) for each in found.gaps],
    }


def _gap(gap: Gap) -> dict[str, Any]:
    means = {name: _figure(getattr(gap, name)) for name in ("expectation", "experience", "gap")}
    return {"dimension": gap.dimension, "answers": gap.answers, **means, "pairs": gap.pairs}


def _figure(value: object) -> float | None:
    return None if value is None else float(str(value))


def _row(found: Result) -> list[object]:
    score, covered = found.score, found.coverage
    nps = score.nps if score.nps is not None else f"answers: {_listed(score.raw)}"
    percent = "unknown" if covered.percent is None else f"{covered.percent} %"
    counts = (score.promoters, score.passives, score.detractors)
    points = f"{percent} ({covered.points} of {covered.of_points} points)"
    return [found.year, _source(found), found.asked, found.answered, nps, *counts, points]


def _source(found: Result) -> str:
    scales = f" (scale {', '.join(found.scales)})" if found.scales else ""
    return ", ".join(found.sources) + scales


def _say_gaps(found: Result) -> None:
    for gap in found.gaps:
        if gap.gap is None:
            pairs = _listed(f"{expectation} to {experience}" for expectation, experience in gap.pairs)
            say(f"{gap.dimension}: expected to experienced {pairs}")
        else:
            means = f"expected {gap.expectation}, experienced {gap.experience}"
            say(f"{gap.dimension}: {means}, gap {gap.gap:+} ({gap.answers} answers)")


def _listed(values: Iterable[object]) -> str:
    return ", ".join(map(str, values)) or "none"
