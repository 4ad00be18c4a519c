"""The archive of a backup: a tar file with what is in it, with checksums, at its beginning."""

import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from kamflow.errors import InputError

FORMAT = 1
CONTENTS = "contents.json"


@dataclass(frozen=True)
class Contents:
    """What an archive holds. `files`: path in it -> SHA-256; `schema` is the version of its database."""

    kamflow: str
    schema: str
    dialect: str
    taken_at: datetime
    files: Mapping[str, str]


def pack(target: Path, contents: Contents, root: Path) -> int:
    """Write the files below `root` into an archive that only we may read, whole or not at all; its bytes."""
    said = asdict(contents) | {"format": FORMAT, "taken_at": contents.taken_at.isoformat()}
    text = json.dumps(said, indent=1).encode()
    with beside(target) as made, tarfile.open(made, "w:gz", compresslevel=6) as archive:
        entry = tarfile.TarInfo(CONTENTS)
        entry.size = len(text)
        archive.addfile(entry, io.BytesIO(text))
        for name in contents.files:
            archive.add(root / name, name)
    return target.stat().st_size


@contextmanager
def beside(target: Path) -> Iterator[Path]:
    """A file to write that takes its name only once it is whole and on the disk."""
    new = target.with_name(f".{target.name}.part")
    new.unlink(missing_ok=True)
    new.touch(mode=0o600)
    try:
        yield new
        with new.open("rb") as written:
            os.fsync(written.fileno())
        new.replace(target)
    finally:
        new.unlink(missing_ok=True)


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def unpack(source: Path, root: Path) -> Contents:
    """Write the files of an archive below `root` and check them.

    Raises:
        InputError: it is no backup of kamflow, is damaged, or is newer than this kamflow.
    """
    try:
        with tarfile.open(source) as archive:
            contents = _contents(archive)
            for name in contents.files:
                _extract(archive, name, root)
    except (tarfile.TarError, EOFError, OSError, ValueError, KeyError, TypeError) as error:
        if isinstance(error, FileNotFoundError | PermissionError):
            raise
        raise InputError(
            f"{source} is no backup of kamflow, or is damaged ({type(error).__name__}: {error}): take another"
        ) from None
    for name, expected in contents.files.items():
        if not (root / name).is_file() or digest(root / name) != expected:
            raise InputError(f"{source} is damaged: {name} is not what was packed; take another backup")
    return contents


def _extract(archive: tarfile.TarFile, name: str, root: Path) -> None:
    """Write one file below `root`. By hand: Debian's Python 3.11.2 has no filters for `extractall`."""
    member, path = archive.getmember(name), root / name
    file = archive.extractfile(member) if member.isreg() else None
    if file is None or not path.resolve().is_relative_to(root.resolve()):
        raise ValueError(f"{name} is no file below its place")
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("xb") as written:
        path.chmod(member.mode & 0o700)
        shutil.copyfileobj(file, written)


def _contents(archive: tarfile.TarFile) -> Contents:
    file = archive.extractfile(CONTENTS)
    said: dict[str, Any] = json.load(file) if file else {}
    if int(said.pop("format")) > FORMAT:
        raise ValueError("it was made by a newer kamflow, which you need to restore it")
    said["taken_at"] = datetime.fromisoformat(said["taken_at"])
    return Contents(**said)
