"""The end of a process that loaded much: Python would look through all of it once more, for seconds."""

import atexit
import os
import sys
from typing import NoReturn


def at_once(code: int) -> NoReturn:
    """End with this exit code once everything is said; no thread that waits for a database is waited for.

    What they were about to write is rolled back.
    """
    atexit._run_exitfuncs()  # pyright: ignore[reportPrivateUsage]
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)
