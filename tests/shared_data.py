"""Real exports kept beside the repository; too large and too foreign to live in it.

They stand in `../shared/data`, or where KAMFLOW_SHARED_DATA says.
"""

import os
from pathlib import Path

import pytest

BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"


def path(name: str) -> Path:
    """The file or folder `name` of the shared data; without it the test is skipped and says why."""
    folder = Path(os.environ.get("KAMFLOW_SHARED_DATA", BESIDE))
    found = folder / name
    if not found.exists():
        pytest.skip(f"needs shared data {name!r}: not in {folder} (set KAMFLOW_SHARED_DATA)")
    return found
