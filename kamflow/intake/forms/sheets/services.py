"""The service catalogue: what customers of which class are entitled to."""

from collections.abc import Mapping
from typing import Any

from sqlalchemy import select
from sqlmodel import Session

from kamflow.intake.entities.tool_fields import ENTITLEMENTS, entitlement
from kamflow.intake.forms.sheet import Title
from kamflow.intake.forms.tool_sheet import Scope, tool
from kamflow.models.service import ServiceClass


def _further(session: Session, _scope: Scope, _rows: list[Mapping[str, Any]]) -> dict[int, dict[str, Any]]:
    found: dict[int, dict[str, Any]] = {}
    for each in session.execute(select(ServiceClass)).scalars():
        found.setdefault(each.service_id, {})[entitlement(each.account_class)] = each.entitlement
    return found


TOOL = tool(
    "services",
    Title("Leistungskatalog", "Service catalogue"),
    ("key", "Kürzel", "Key", 14),
    ("name", "Leistung", "Service", 40),
    ("unit", "Einheit", "Unit", 12),
    ("value", "Wert je Einheit", "Value of a unit", 14),
    *((name, f"Klasse {each}", f"Class {each}", 14) for name, each in ENTITLEMENTS.items()),
    further=_further,
)
