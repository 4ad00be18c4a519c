"""Where each tool of KAM training is kept: its table, its columns, and by what a row is found again."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any

from sqlalchemy import Table
from sqlmodel import SQLModel

from kamflow.intake.entities import tool_fields as tools
from kamflow.intake.entities.fields import Entity
from kamflow.models.plan import Goal, Measure, OpenQuestion
from kamflow.models.service import Service, ServiceGiven
from kamflow.models.training import (
    BusinessCase,
    CollaborationRule,
    Competitor,
    Complaint,
    Gap,
    Negotiation,
    Position,
    PositionCriterion,
)

# Columns that no file names and a form may know: the plan that a row belongs to.
BESIDE = ("plan_id", "code", "meeting_id")
_POINTERS = {"account": "account_id", "owner": "owner_id", "contact": "contact_id", "service": "service_id",
             "department": "department_id", "ask_contact": "ask_contact_id"}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Kept:
    """`kind` names its rows in external references and events; `identity` finds a row that has no id.

    `unique`: the table takes one row of an identity only. `numbered`: several of one identity are told
    apart by their order.
    """

    entity: Entity
    model: type[SQLModel]
    kind: str
    identity: tuple[str, ...]
    unique: bool = False
    numbered: bool = False
    columns: Mapping[str, str] = field(init=False)

    def __post_init__(self) -> None:
        names = set(self.table.columns.keys())
        column = {each.name: self._column(each.name, names) for each in self.entity.fields}
        column |= {name: name for name in BESIDE if name in names}
        object.__setattr__(self, "columns", {name: found for name, found in column.items() if found})

    def _column(self, name: str, names: set[str]) -> str | None:
        pointer = _POINTERS.get(name)
        if pointer in names:
            return pointer
        return {"limit": "bottom_line"}.get(name, name if name in names and name != "id" else None)

    @property
    def table(self) -> Table:
        return self.model.__table__  # pyright: ignore[reportAttributeAccessIssue]

    def about(self, row: Mapping[str, Any]) -> tuple[Any, ...]:
        """What a row of the table is told apart by."""
        return tuple(_even(row.get(self.columns[name])) for name in self.identity)


def _even(value: Any) -> Any:
    return " ".join(value.split()).casefold() if isinstance(value, str) else value


KEPT: Mapping[str, Kept] = MappingProxyType({
    each.entity.name: each
    for each in (
        Kept(tools.GOALS, Goal, "goal", ("account", "figure", "due_on")),
        Kept(tools.POSITIONS, Position, "position", ("account", "rated_on"), unique=True),
        Kept(tools.CRITERIA, PositionCriterion, "criterion", ("account", "rated_on", "axis", "name"),
             unique=True),
        Kept(tools.GAPS, Gap, "gap", ("account", "service")),
        Kept(tools.SERVICES, Service, "service", ("key",), unique=True),
        Kept(tools.SERVICES_GIVEN, ServiceGiven, "service_given", ("account", "service", "day"),
             numbered=True),
        Kept(tools.COMPLAINTS, Complaint, "complaint", ("account", "opened_on", "subject")),
        Kept(tools.COMPETITORS, Competitor, "competitor", ("account", "name")),
        Kept(tools.BUSINESS_CASES, BusinessCase, "business_case", ("account", "benefit")),
        Kept(tools.NEGOTIATIONS, Negotiation, "negotiation", ("account", "meeting_id", "topic")),
        Kept(tools.COLLABORATION, CollaborationRule, "collaboration_rule", ("department", "kind"),
             unique=True),
        Kept(tools.MEASURES, Measure, "measure", ("account", "title")),
        Kept(tools.QUESTIONS, OpenQuestion, "open_question", ("account", "question")),
    )
})  # fmt: skip
