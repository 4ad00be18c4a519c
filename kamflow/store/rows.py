"""Small truths about rows that a type checker cannot know."""

from kamflow.errors import StoreError


def stored(number: int | None) -> int:
    """The id of a row that is in the database."""
    if number is None:
        raise StoreError("a row without an id: it was not flushed; this is a bug of kamflow, please report")
    return number
