"""One `kamflow up` per home."""

import os
from pathlib import Path

import pytest

from flows import single
from kamflow.errors import InputError


def test_a_second_one_is_refused_with_the_pid_of_the_first_as_long_as_that_runs(tmp_path: Path) -> None:
    assert single.running(tmp_path) is None
    with single.alone(tmp_path):
        assert single.running(tmp_path) == os.getpid()
        with pytest.raises(InputError, match=rf"already, pid {os.getpid()}: stop"), single.alone(tmp_path):
            pass
    assert single.running(tmp_path) is None
    with single.alone(tmp_path):
        pass
