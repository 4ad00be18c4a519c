"""Why one step of a rule asks nothing; the rule makes a silence of it."""

from collections.abc import Mapping
from datetime import date
from typing import Any, NamedTuple


class NotDue(NamedTuple):
    """A step, a code, the day from which it would speak where that is known, and ids and figures."""

    step: str
    reason: str
    until: date | None = None
    more: Mapping[str, Any] | None = None
