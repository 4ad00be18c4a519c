"""Files of a home that name somebody: what was imported, what came back, what was written for people.

Text is rewritten with the marker in place of the name; what cannot be (workbooks, PDFs) goes as a whole, and
only from done/ and rejects/: all else is a person's to decide.
"""

import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from kamflow.store.name_spelling import Spellings

OURS = ("done", "rejects")
_SKIPPED = ("prefect", "secrets", "kamflow.db", "erased.jsonl")
_TEXT = (".csv", ".txt", ".json", ".jsonl", ".tsv", ".ics", ".md", ".log", ".html", ".toml", ".xml", ".eml")
_ENCODINGS = ("utf-8-sig", "utf-16", "cp1252")
_LARGEST = 200_000_000


@dataclass(frozen=True, slots=True)
class Naming:
    """A file that names the person; `ours`: kamflow put it there and may change it."""

    path: Path
    ours: bool


def find(home: Path, spelled: Spellings) -> list[Naming]:
    """The files that name somebody; database, Prefect's folder and secrets are not looked at."""
    return [
        Naming(path, path.relative_to(home).parts[0] in OURS)
        for path in _files(home)
        if any(spelled.found(text) for text in _texts(path))
    ]


def clean(found: list[Naming], spelled: Spellings, marker: str) -> tuple[int, int]:
    """Rewrite or remove those of kamflow's own; (rewritten, removed)."""
    rewritten = removed = 0
    for each in found:
        if not each.ours:
            continue
        if _rewritten(each.path, spelled, marker):
            rewritten += 1
        else:
            each.path.unlink(missing_ok=True)
            removed += 1
    return rewritten, removed


def _files(home: Path) -> Iterator[Path]:
    for top in sorted(home.iterdir()) if home.is_dir() else []:
        if top.is_symlink() or top.name.startswith(_SKIPPED):
            continue
        for path in sorted(top.rglob("*")) if top.is_dir() else [top]:
            if path.is_file() and not path.is_symlink() and path.stat().st_size <= _LARGEST:
                yield path


def _texts(path: Path) -> Iterator[str]:
    if path.suffix.lower() in _TEXT:
        yield _read(path)[0]
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in archive.namelist():
                yield archive.read(name).decode("utf-8", errors="replace")
    else:
        yield path.read_bytes().decode("utf-8", errors="replace")
    yield path.name


def _read(path: Path) -> tuple[str, str]:
    """The text and how it is written, as imports read it."""
    raw = path.read_bytes()
    for encoding in _ENCODINGS:
        if encoding == "utf-16" and not raw.startswith((b"\xff\xfe", b"\xfe\xff")):
            continue
        try:
            said = encoding if encoding != "utf-8-sig" or raw.startswith(b"\xef\xbb\xbf") else "utf-8"
            return raw.decode(encoding), said
        except UnicodeDecodeError:
            continue
    return raw.decode("latin-1"), "latin-1"


def _rewritten(path: Path, spelled: Spellings, marker: str) -> bool:
    """Swap the name in a text; False where it is no text, or stands in the file's name."""
    if path.suffix.lower() not in _TEXT or spelled.found(path.name):
        return False
    text, encoding = _read(path)
    after = spelled.swapped(text, marker, lone=True)
    if spelled.found(after):
        return False
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(after.encode(encoding))
    beside.replace(path)
    return True
