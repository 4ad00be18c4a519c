"""What children say becomes lines of ours, without what it may quote."""

from structlog.testing import capture_logs

from flows.overheard import Overheard


def heard(*lines: str) -> tuple[list[dict[str, object]], list[str]]:
    said: list[str] = []
    stream = Overheard("runner", said.append)
    with capture_logs() as logs:
        for line in lines:
            stream.line(line.encode() + b"\n")
    return [dict(each) for each in logs], said


def test_a_line_of_ours_is_handed_on_with_its_process_and_its_time() -> None:
    logs, said = heard(
        '{"at": "2026-09-07T06:30:00+00:00", "level": "warning", "event": "runner.ready", "deployments": 8}'
    )

    assert logs == [
        {
            "at": "2026-09-07T06:30:00+00:00",
            "log_level": "warning",
            "event": "runner.ready",
            "deployments": 8,
            "process": "runner",
        }
    ]
    assert said == ["runner.ready"]


def test_of_a_traceback_its_kind_and_place_are_left() -> None:
    logs, _ = heard(
        "Exception in thread Thread-1:",
        "Traceback (most recent call last):",
        '  File "/srv/kamflow/flows/runner.py", line 12, in look',
        '    raise ValueError("Frau Kruse, 0171 5551234")',
        "    ^^^^^^",
        "ValueError: Frau Kruse, 0171 5551234",
    )

    assert logs[1:] == [
        {
            "log_level": "error",
            "event": "fault",
            "process": "runner",
            "error": "ValueError",
            "place": "runner.py:12",
        }
    ]


def test_whatever_else_is_said_is_cut_short_and_nothing_is_no_line() -> None:
    logs, _ = heard("", "{no json", "x" * 1000)

    assert [each["words"] for each in logs] == ["{no json", "x" * 300]
