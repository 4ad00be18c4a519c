"""Spans: one trace of ours is one trace there; without the extra nothing is imported."""

import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import date
from typing import Any

import pytest
from sqlalchemy import Engine

from flows.runtime import Home, Visit, run_whole
from kamflow import spans
from kamflow.errors import ConfigError
from tests.world import World, decide

NEEDED = "opentelemetry.sdk.trace.export.in_memory_span_exporter"
WHY = "needs opentelemetry-sdk: pip install 'kamflow[otel]'"


@pytest.fixture
def sent() -> Iterator[Any]:
    """What would be sent: finished spans, the first to end first."""
    memory = pytest.importorskip(NEEDED, reason=WHY)
    export = pytest.importorskip("opentelemetry.sdk.trace.export", reason=WHY)
    exporter = memory.InMemorySpanExporter()
    spans.use(export.SimpleSpanProcessor(exporter), "kamflow", "this installation")
    yield exporter
    spans.end()


def night(home: Home, trace: str) -> None:
    run_whole(home, "plan_creation", decide("plan_creation"), date(2026, 9, 7), Visit(trace=trace))


def test_a_run_its_batches_and_what_another_process_does_for_it_are_one_trace(
    sqlite_engine: Engine, sent: Any
) -> None:
    world = World(sqlite_engine)
    world.account("Muster AG", world.person("Witt"), account_class="key")
    night(world.home(), "event-7")
    with spans.span("deliver", "event-7", message=3, channel="email"):
        pass
    with spans.span("deliver", "event-8"):
        pass

    batch, run, mine, other = sent.get_finished_spans()
    assert [each.name for each in (batch, run, mine, other)] == ["batch", "run", "deliver", "deliver"]
    assert batch.parent.span_id == run.context.span_id
    assert run.context.trace_id == mine.context.trace_id != other.context.trace_id
    assert mine.attributes == {
        "kamflow.message": 3, "kamflow.channel": "email", "kamflow.trace": "event-7",
    }  # fmt: skip
    assert not [each for each in sent.get_finished_spans() if "Muster" in each.to_json()]


def test_of_an_error_only_its_kind_is_said(sent: Any) -> None:
    with pytest.raises(ValueError, match="Muster"), spans.span("run", "run-1"):
        raise ValueError("Muster AG: no such row")

    [span] = sent.get_finished_spans()
    assert (span.status.description, span.events) == ("ValueError", ())


def test_two_installations_with_one_collector_do_not_share_a_trace(sent: Any) -> None:
    with spans.span("run", "run-1"):
        pass
    spans._ON[:] = [spans._Tracing(spans._ON[0].tracer, "another installation")]
    with spans.span("run", "run-1"):
        pass

    assert len({each.context.trace_id for each in sent.get_finished_spans()}) == 2


@pytest.mark.parametrize("asked", [None, "http://127.0.0.1:4318"])
def test_nothing_is_imported_unless_it_is_asked_for_and_installed(
    asked: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    spans.end()
    monkeypatch.delenv(spans.ENDPOINT, raising=False)
    if asked:
        monkeypatch.setenv(spans.ENDPOINT, asked)
        monkeypatch.setitem(sys.modules, "opentelemetry.exporter.otlp.proto.http.trace_exporter", None)
        with pytest.raises(ConfigError, match=r"kamflow\[otel\]"):
            spans.begin("kamflow", "x")
        return
    look = (
        "import sys; from kamflow import spans; from flows import runtime; spans.begin('kamflow', 'x')\n"
        "with spans.span('run', 'run-1'): pass\n"
        "sys.exit('opentelemetry' in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", look], check=True, env={**os.environ})
