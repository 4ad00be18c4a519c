"""Files that went through the drop folder: after some weeks nobody needs them in done/ and rejects/."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

FOLDERS = ("done", "rejects")


def older(home: Path, before: datetime) -> list[Path]:
    """The files that were last touched before this moment; links are not followed."""
    limit = before.timestamp()
    return sorted(path for name in FOLDERS for path in _files(home / name) if _touched(path) < limit)


def remove(paths: list[Path]) -> int:
    """Delete files; one that is gone already, or may not be deleted, stops nothing. How many went."""
    return sum(_removed(path) for path in paths)


def _files(folder: Path) -> Iterator[Path]:
    if folder.is_symlink() or not folder.is_dir():
        return
    for path in folder.rglob("*"):
        if path.is_file() and not path.is_symlink():
            yield path


def _touched(path: Path) -> float:
    try:
        return path.stat().st_mtime
    except OSError:
        return float("inf")


def _removed(path: Path) -> bool:
    try:
        path.unlink()
    except OSError:
        return False
    return True
