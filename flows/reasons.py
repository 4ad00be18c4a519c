"""Why a run failed: what, where, how to mend it. Kinds and places, never a value that was read."""

from collections.abc import Sequence
from datetime import date

from sqlalchemy.exc import DatabaseError, OperationalError

from flows.logs import described
from kamflow.errors import ConfigError, InputError, NotFound, StoreError

BY_ITSELF = "kamflow asks for the missing day again by itself, within the hour."


def reason(error: BaseException, flow: str, day: date | None, left: Sequence[int] = ()) -> str:
    """The message of the failed run; `left`: accounts of the batch in which it failed."""
    of = f"{flow} for {day}" if day else flow
    said = [f"{of} failed: {described(error)}.", _mend(error)]
    if left:
        said.append(
            f"It failed in a batch of {len(left)} accounts, from which nothing was written; the batches"
            " before it are complete. The table of exceptions names them."
        )
    return " ".join(said)


def _mend(error: BaseException) -> str:
    if isinstance(error, NotFound):
        return (
            "An account that the run was asked for does not exist: give keys as in `kamflow export`, or none."
        )
    if isinstance(error, InputError):
        return "What the run was asked for cannot be used: run it again with other parameters."
    if isinstance(error, ConfigError):
        return "Mend the setting, try it with `kamflow config check`, then run the flow again."
    if isinstance(error, StoreError):
        return "Bring the database in order: `kamflow doctor` says what it needs."
    if isinstance(error, OperationalError):
        return f"The database was locked or away: `kamflow doctor` tries it. {BY_ITSELF}"
    if isinstance(error, DatabaseError):
        return (
            "The database refused a statement: `kamflow doctor` checks whether its schema fits this version."
        )
    if isinstance(error, OSError):
        return "A file or a disk could not be used: look for free space and the rights of the home's folders."
    return (
        "This is a mistake in kamflow, or data that it did not expect. The run's log names the same place;"
        f" report it with this line. {BY_ITSELF}"
    )
