"""Which function writes which entity."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TypeAlias

from kamflow.intake.context import Context
from kamflow.intake.entities import (
    accounts,
    answers,
    contacts,
    figures,
    interactions,
    meetings,
    people,
    tools,
)
from kamflow.intake.entities.kept import KEPT
from kamflow.intake.record import Record

Writer: TypeAlias = Callable[[Context, Sequence[Record]], None]


def _tool(name: str, ctx: Context, records: Sequence[Record]) -> None:
    tools.write(ctx, name, records)


WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "people": people.write,
        "absences": people.write_absences,
        "rates": figures.write_rates,
        "accounts": accounts.write,
        "closings": accounts.write_closings,
        "teams": accounts.write_teams,
        "contacts": contacts.write,
        "targets": contacts.write_targets,
        "projects": figures.write_projects,
        "revenue": figures.write_revenue,
        "interactions": interactions.write,
        "meetings": meetings.write,
        "answers": answers.write,
    }
    | {name: partial(_tool, name) for name in KEPT}
)
