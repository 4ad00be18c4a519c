"""Every table, in one import: for migrations and for tests that empty them all."""

from sqlmodel import SQLModel

from kamflow.models import columns  # isort: skip - names the constraints, so it comes first
from kamflow.models import (
    account,
    contact,
    controlling,
    erasure,
    event,
    glass,
    interaction,
    meeting,
    message,
    nudge,
    person,
    plan,
    revenue,
    run,
    service,
    source,
    survey,
    training,
    visit,
    watch,
)

AGGREGATES = (
    columns,
    person,
    account,
    contact,
    interaction,
    revenue,
    plan,
    meeting,
    source,
    nudge,
    message,
    event,
    glass,
    run,
    controlling,
    service,
    training,
    survey,
    visit,
    watch,
    erasure,
)
METADATA = SQLModel.metadata
# What never reaches a document for the customer, by construction: such a document reads no table of these.
INTERNAL = frozenset(table.name for table in METADATA.tables.values() if table.info.get("internal"))
