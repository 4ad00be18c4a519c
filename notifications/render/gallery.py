"""Every example as files, and one page to look at them: what a designer works with.

`<document>.<case>.<language>.<suffix>` is a part as it goes out; `index.html` shows it without a server,
light or dark, from `frames/<name>.js` beside it.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from traceback import FrameSummary, extract_tb
from typing import Any

from kamflow.policy import RULES
from notifications.render import brand, examples, html, slack
from notifications.render.document import DOCUMENTS
from notifications.render.environment import environment
from notifications.render.environment import folder as templates
from notifications.render.house import House
from notifications.render.item import Letter
from notifications.render.letter import TO_CUSTOMERS

LANGUAGES = ("de", "en")
INDEX, VERSION, FRAMES = "index.html", "version.js", "frames"
_WORKERS = 2
_FEW = 12  # examples that are made before a second process would have started
_FRAMES_OF_ALL = ("digest", "now", "ladder")
_GROUPS = ("What is due", "Documents", "Notices", "To customers")
_AS_TEXT = (".txt", ".ics")


@dataclass(frozen=True, slots=True)
class Example:
    """One case of one document in one language; `name` is what its files are called."""

    document: str
    case: str
    language: str

    @property
    def name(self) -> str:
        return f"{self.document}.{self.case}.{self.language}"


@dataclass(frozen=True, slots=True)
class Written:
    """How many examples were made, and why some could not be, by their name."""

    count: int
    failed: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Shown:
    """A message as each channel carries it."""

    mail: html.RenderedMail
    post: slack.RenderedPost

    def files(self) -> Iterator[tuple[str, bytes]]:
        """Suffix and content of each part."""
        post = {"text": self.post.text, "blocks": self.post.blocks}
        yield ".html", self.mail.standalone.encode()
        yield ".txt", self.mail.text.encode()
        yield ".slack.json", (json.dumps(post, ensure_ascii=False, indent=2) + "\n").encode()


def shown(letter: Letter, house: House | None = None) -> Shown:
    return Shown(html.laid_out(letter, house), slack.laid_out(letter))


def documents() -> tuple[str, ...]:
    """What can be previewed."""
    return tuple(dict.fromkeys(example.document for example in every()))


def cases(document: str) -> tuple[str, ...]:
    """The cases of one document."""
    return tuple(dict.fromkeys(example.case for example in every() if example.document == document))


def every() -> tuple[Example, ...]:
    """All cases of all messages and documents, in both languages."""
    cases = dict.fromkeys(
        [
            *examples.VIEWS,
            *examples.NOTICES,
            *((name, case) for name, paper in DOCUMENTS.items() for case in paper.cases),
        ]
    )
    return tuple(Example(*case, language) for case in cases for language in LANGUAGES)


def parts(example: Example) -> Iterator[tuple[str, bytes]]:
    """Suffix and content of every file of an example: of its message, then of its document."""
    if letter := letter_of(example):
        yield from shown(letter).files()
    paper = DOCUMENTS.get(example.document)
    if paper and example.case in paper.cases:
        yield from paper.parts(example.case, example.language)


def write(folder: Path, wanted: Iterable[Example] | None = None, workers: int = _WORKERS) -> Written:
    """Write the gallery, or some of it anew, into a folder.

    The page comes first: it can be looked at while the rest is being written. One example that cannot be
    made does not keep the others from being made.
    """
    (folder / FRAMES).mkdir(parents=True, exist_ok=True)
    (folder / INDEX).write_text(index(), encoding="utf-8")
    chosen = tuple(wanted if wanted is not None else every())
    if workers > 1 and len(chosen) > _FEW:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            failed = list(pool.map(_write, [folder] * len(chosen), chosen))
    else:
        failed = [_write(folder, example) for example in chosen]
    return Written(
        len(chosen), {each.name: why for each, why in zip(chosen, failed, strict=True) if why is not None}
    )


def _write(folder: Path, example: Example) -> str | None:
    """Write the files of an example and what the page shows of them; returns why it could not be made."""
    frame: dict[str, Any] = {"name": example.name, "suffixes": []}
    failed = None
    try:
        letter = letter_of(example)
        frame["subject"] = letter.subject if letter else ""
        files = dict(parts(example))
    except Exception as error:  # noqa: BLE001 - whatever a template does wrong is shown in its place
        files, failed = {}, _said(error)
        frame["failed"] = failed
    for suffix, content in files.items():
        (folder / f"{example.name}{suffix}").write_bytes(content)
    shown = json.dumps(frame | _framed(files), ensure_ascii=False)
    (folder / FRAMES / f"{example.name}.js").write_text(f"framed({shown});\n", encoding="utf-8")
    return failed


def _said(error: Exception) -> str:
    """What went wrong, and where in a template."""
    places = [frame for frame in extract_tb(error.__traceback__) if frame.filename.endswith(".j2")]
    where = f" ({_place(places[-1])})" if places else ""
    return f"{type(error).__name__}: {error}{where}"


def _place(frame: FrameSummary) -> str:
    """File and line of a template; inside a macro Python knows only the line of what was compiled."""
    name = Path(frame.filename).relative_to(templates()).as_posix()
    line = frame.lineno or 1
    if frame.name in ("macro", "root"):
        line = environment("en").get_template(name).get_corresponding_lineno(line)
    return f"{name}:{line}"


def _framed(files: Mapping[str, bytes]) -> dict[str, Any]:
    """What the page shows itself; everything else it links to or embeds."""
    frame: dict[str, Any] = {"suffixes": list(files)}
    frame |= {suffix: files[suffix].decode() for suffix in files if suffix.endswith(_AS_TEXT)}
    if ".html" in files:
        frame[".html"] = files[".html"].decode()
    if ".slack.json" in files:
        post = environment("en").get_template("preview/slack.html.j2")
        frame[".slack.json"] = post.render(blocks=json.loads(files[".slack.json"])["blocks"])
    return frame


def index() -> str:
    """The page itself."""
    template = environment("en").get_template("preview/index.html.j2")
    return template.render(groups=_grouped(), light=brand.LIGHT, dark=brand.DARK, font=brand.FONT)


def _grouped() -> dict[str, dict[str, dict[str, dict[str, str]]]]:
    """Group, document, case, language: what an example is called."""
    groups: dict[str, dict[str, dict[str, dict[str, str]]]] = {name: {} for name in _GROUPS}
    for example in every():
        cases = groups[_group(example.document)].setdefault(example.document, {})
        cases.setdefault(example.case, {})[example.language] = example.name
    return {name: documents for name, documents in groups.items() if documents}


def raise_version(folder: Path, number: int) -> None:
    """Let the page that is open load itself again."""
    (folder / VERSION).write_text(f"version({number});\n", encoding="utf-8")


def _group(document: str) -> str:
    if document in TO_CUSTOMERS:
        return "To customers"
    if document in DOCUMENTS:
        return "Documents"
    return "What is due" if document in (*RULES, *_FRAMES_OF_ALL) else "Notices"


def letter_of(example: Example) -> Letter | None:
    """The message of an example; a document may have none."""
    known = (example.document, example.case)
    if known not in examples.VIEWS and known not in examples.NOTICES:
        return None
    return examples.example(*known, example.language)
