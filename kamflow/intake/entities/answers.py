"""Write answers to surveys that were held elsewhere, into a wave of their own per account and fiscal year.

A contact has one answer in a wave, the newest; who has none was asked and said nothing. An answer without a
contact counts in the score and covers nobody of the buying centre; its id finds it again.
"""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import col

from kamflow.errors import Refused
from kamflow.figures.survey_scale import Scale, doubtful
from kamflow.intake import upsert
from kamflow.intake.context import Context
from kamflow.intake.entities import answer_rows
from kamflow.intake.entities.answer_fields import PAIRS
from kamflow.intake.record import Record
from kamflow.intake.upsert import Wanted
from kamflow.models.survey import SurveyUnnamed, SurveyWave
from kamflow.periods import fiscal_year
from kamflow.store.engine import lock

# What answers are called that come with kamflow's own templates: ours are those it asked for itself.
ELSEWHERE = "imported"
# What is older tells nobody anything; the rule looks at the newest only, this spares it the look.
NEWS = timedelta(days=60)


@dataclass(slots=True)
class Told:
    """A record with the wave it belongs to."""

    record: Record
    wave: int
    state: str = "unchanged"


def write(ctx: Context, records: Sequence[Record]) -> None:
    """Write answers, with or without their contacts.

    Raises:
        Refused: the scores look like those of a scale that nobody declared.
    """
    lock(ctx.session, "answers")  # a wave is made once, whoever brings its first answer
    good = ctx.sort_out(records)
    _declared(good)
    for record in good:
        _complete(ctx, record)
    newest = sorted(ctx.sift(good), key=lambda each: each.values["day"], reverse=True)
    settled = ctx.settle(newest, _identity)
    told = _in_waves(ctx, settled)
    named = [each for each in told if each.record.get("contact") is not None]
    answer_rows.write(ctx, named)
    _write_unnamed(ctx, [each for each in told if each.record.get("contact") is None])
    for each in told:
        ctx.done(each.record, each.state)
    for each in named:
        _tell(ctx, each)


def _declared(records: Iterable[Record]) -> None:
    by_table: defaultdict[str, list[Record]] = defaultdict(list)
    for record in records:
        if record.block.scale is None and record.get("score") is not None:
            by_table[record.table.file].append(record)
    for file, here in by_table.items():
        scores = [record.values["score"] for record in here]
        if doubtful(scores):
            raise Refused(
                f"{file}: all {len(scores)} scores lie between {min(scores)} and {max(scores)}; state their"
                ' scale in the mapping: scale = "1..5" (or "0..10", if that is what was asked)'
            )


def _complete(ctx: Context, record: Record) -> None:
    values = record.values
    if values["day"] > ctx.today:
        record.refuse("day", f"no day after {ctx.today}")
    year = fiscal_year(values["day"], *ctx.fiscal_years)
    values |= {"first": year.first, "last": year.last}
    score, rating = _scales(record)
    values["score"] = _converted(record, "score", score)
    values["ratings"] = {}
    for name, expected, experienced in PAIRS:
        pair = [_converted(record, each, rating) for each in (expected, experienced)]
        if pair != [None, None]:
            values["ratings"][name] = pair
    if values.get("contact") is None:
        _without_contact(record)


def _scales(record: Record) -> tuple[Scale, Scale]:
    block = record.block
    score = Scale.parse(block.scale) if block.scale else Scale()
    return score, Scale.parse(block.ratings_scale) if block.ratings_scale else score


def _converted(record: Record, name: str, scale: Scale) -> int | None:
    given = record.get(name)
    return None if given is None else scale.converted(given)


def _without_contact(record: Record) -> None:
    if not record.get("id"):
        record.refuse("id", "an id of the answer, or the contact who gave it", "")
    elif not _says(record):
        record.refuse("score", "a score, a rating or a comment: nobody is named who might only be asked", "")


def _says(record: Record) -> bool:
    return record.get("score") is not None or bool(record.get("comment") or record.get("ratings"))


def _identity(record: Record) -> tuple[Any, ...]:
    values = record.values
    about = values["account"], values["first"]
    return (*about, values["contact"]) if values.get("contact") is not None else (*about, "", values["id"])


def _in_waves(ctx: Context, records: Sequence[Record]) -> list[Told]:
    """Find or make the wave of each; one of another scale comes back."""
    source = ELSEWHERE if ctx.source == "kamflow" else ctx.source
    row = SurveyWave
    accounts = {record.values["account"] for record in records}
    known: dict[tuple[int, Any], tuple[int, str]] = {}
    for chunk in upsert.chunks(sorted(accounts)):
        query = select(col(row.account_id), col(row.year_first), col(row.id), col(row.scale)).where(
            col(row.account_id).in_(chunk), col(row.source) == source
        )
        for account, first, number, scale in ctx.session.execute(query):
            known[account, first] = (number or 0, scale or str(Scale()))
    _make(ctx, source, [each for each in records if _where(each) not in known], known)
    for record in records:
        before = known[_where(record)][1]
        if str(_scales(record)[0]) != before:
            record.refuse("score", f"the scale of that year's other answers ({before}): state it", "")
    return [Told(record, known[_where(record)][0]) for record in ctx.sift(records)]


def _where(record: Record) -> tuple[int, Any]:
    return record.values["account"], record.values["first"]


def _make(
    ctx: Context, source: str, records: Sequence[Record], known: dict[tuple[int, Any], tuple[int, str]]
) -> None:
    # Newest first, so the last one of a wave is the day on which it began.
    wanted: dict[tuple[int, Any], Wanted] = {}
    for record in records:
        scale = str(_scales(record)[0])
        values = {
            "account_id": record.values["account"],
            "year_first": record.values["first"],
            "year_last": record.values["last"],
            "source": source,
            "send_on": record.values["day"],
            "imported": True,
            "scale": None if scale == str(Scale()) else scale,
            "created_at": ctx.now,
        }
        wanted[_where(record)] = Wanted(values)
    upsert.write(ctx.session, SurveyWave, list(wanted.values()))
    for where, row in wanted.items():
        known[where] = (row.row_id or 0, row.values["scale"] or str(Scale()))


def _write_unnamed(ctx: Context, told: Sequence[Told]) -> None:
    row = SurveyUnnamed
    known: dict[tuple[int, str], int] = {}
    for chunk in upsert.chunks(sorted({each.wave for each in told})):
        query = select(col(row.wave_id), col(row.key), col(row.id)).where(col(row.wave_id).in_(chunk))
        known |= {(wave, key): number or 0 for wave, key, number in ctx.session.execute(query)}
    wanted = [Wanted(_unnamed(each), known.get((each.wave, each.record.values["id"]))) for each in told]
    upsert.write(ctx.session, SurveyUnnamed, wanted)
    for each, written in zip(told, wanted, strict=True):
        each.state = written.state


def _unnamed(told: Told) -> dict[str, Any]:
    values = told.record.values
    return {
        "wave_id": told.wave,
        "key": values["id"],
        "answered_on": values["day"],
        "score": values["score"],
        "comment": values.get("comment"),
        "ratings": values["ratings"] or None,
    }


def _tell(ctx: Context, told: Told) -> None:
    values = told.record.values
    if told.state == "unchanged" or values["score"] is None or ctx.today - values["day"] > NEWS:
        return
    score, account = values["score"], values["account"]
    ctx.happened("survey.answered", account, wave=told.wave, invitation=values["invitation"], score=score)
