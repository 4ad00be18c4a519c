"""What comes out of a backup's archive lies below its folder, and is what went in."""

import io
import tarfile
from pathlib import Path

import pytest

from kamflow.errors import InputError
from kamflow.store import archive
from kamflow.store.archive import Contents
from tests.conftest import NOW


def packed(folder: Path, name: str) -> Path:
    """An archive with one secret file, that says it lies at `name`."""
    (folder / "in" / "secrets").mkdir(parents=True)
    file = folder / "in" / "secrets" / "key"
    file.write_text("s")
    file.chmod(0o600)
    target = folder / "in" / "b.tar.gz"
    archive.pack(target, Contents("1", "0005", "sqlite", NOW, {name: archive.digest(file)}), folder / "in")
    return target


def test_what_went_in_comes_out_for_us_alone(tmp_path: Path) -> None:
    root = tmp_path / "out"
    archive.unpack(packed(tmp_path, "secrets/key"), root)
    assert ((root / "secrets" / "key").read_text(), (root / "secrets" / "key").stat().st_mode & 0o777) == (
        "s",
        0o600,
    )


def test_nothing_is_written_elsewhere(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="below its place"):
        archive.unpack(packed(tmp_path, "secrets/../../in/secrets/key"), tmp_path / "out" / "deep")
    with tarfile.open(tmp_path / "link.tar.gz", "w:gz") as made:
        said = b'{"format": 1, "kamflow": "1", "schema": "1", "dialect": "sqlite",' + (
            b' "taken_at": "2026-09-07T08:30:00+00:00", "files": {"key": "-"}}'
        )
        entry, link = tarfile.TarInfo(archive.CONTENTS), tarfile.TarInfo("key")
        entry.size, link.type, link.linkname = len(said), tarfile.SYMTYPE, "/etc/passwd"
        made.addfile(entry, io.BytesIO(said))
        made.addfile(link)
    with pytest.raises(InputError, match="below its place"):
        archive.unpack(tmp_path / "link.tar.gz", tmp_path / "linked")
