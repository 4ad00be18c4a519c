"""Which examples a designer or translator changed: what `kamflow preview --all --watch` makes anew."""

from collections.abc import Iterable, Iterator
from pathlib import Path

from notifications.render import examples
from notifications.render.document import DOCUMENTS
from notifications.render.environment import folder, forget
from notifications.render.gallery import Example, every, letter_of

_PAPER, _TEXTS = "paper", "locale"
_OF_EVERYTHING = ("digest", "fonts")


class Changes:
    """What the templates were when they were last looked at."""

    def __init__(self, watched: Iterable[Example] | None = None) -> None:
        self._stamps = dict(_stamps())
        self._letters = {example: _said(example) for example in (every() if watched is None else watched)}

    def since(self) -> tuple[Example, ...] | None:
        """The examples that look different now; None where no file has changed."""
        now = dict(_stamps())
        changed = {path for path, _ in set(now.items()) ^ set(self._stamps.items())}
        if not changed:
            return None
        self._stamps = now
        forget()
        found = concerned({path.relative_to(folder()).parts[0] for path in changed})
        return tuple(each for each in found if each in self._letters and self._differs(each, changed))

    def _differs(self, example: Example, changed: Iterable[Path]) -> bool:
        """A changed translation concerns what says it; a document without a message may always do."""
        said, before = _said(example), self._letters[example]
        self._letters[example] = said
        only_texts = all(_TEXTS in path.parts for path in changed)
        return not only_texts or said != before or example.document in DOCUMENTS


def concerned(folders: set[str]) -> list[Example]:
    """The examples that are made from one of these folders of templates."""
    if folders & {*_OF_EVERYTHING, _TEXTS}:
        return list(every())
    return [example for example in every() if folders & set(_folders(example))]


def _folders(example: Example) -> Iterator[str]:
    known = (example.document, example.case)
    yield example.document
    if known in examples.VIEWS:
        for item in examples.VIEWS[known](example.language).items:
            yield from (nudge.rule for nudge in item.nudges)
    if known in examples.NOTICES:
        yield examples.NOTICES[known][0]
    if example.document in DOCUMENTS:
        yield _PAPER


def _said(example: Example) -> str:
    """Every text of a message; of one that cannot be made, that."""
    try:
        return repr(letter_of(example))
    except Exception as error:  # noqa: BLE001 - whatever a template does wrong is shown in its place
        return repr(error)


def _stamps() -> Iterator[tuple[Path, int]]:
    """Every file of the templates with the moment it was last written."""
    for path in folder().rglob("*"):
        if path.is_file():
            yield path, path.stat().st_mtime_ns
