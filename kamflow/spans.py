"""Spans for OpenTelemetry: of runs, batches, composing and delivering, with ids and figures only.

They are there where `kamflow[otel]` is installed and OTEL_EXPORTER_OTLP_ENDPOINT says where to send them;
else nothing is imported and a span costs a look at a variable. All that belongs to one `trace` of ours
(kamflow/store/traces.py) is one trace there too, whichever process did it.
"""

import hashlib
import os
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from kamflow.errors import ConfigError

ENDPOINT = "OTEL_EXPORTER_OTLP_ENDPOINT"
Value = str | int | float | bool | None


@dataclass(frozen=True)
class _Tracing:
    tracer: Any
    salt: str


_NOWHERE = nullcontext()
_ON: list[_Tracing] = []  # at most one: a process is of one installation


def begin(service: str, salt: str) -> None:
    """Send spans from now on, where somebody wants them; `salt` tells installations of one collector apart.

    Raises:
        ConfigError: somebody wants them, and the extra is not installed.
    """
    if _ON or not os.environ.get(ENDPOINT):
        return
    try:
        exporters = import_module("opentelemetry.exporter.otlp.proto.http.trace_exporter")
        export = import_module("opentelemetry.sdk.trace.export")
    except ImportError:
        raise ConfigError(
            f"{ENDPOINT} is set, but spans need an extra: pip install 'kamflow[otel]', or unset it"
        ) from None
    use(export.BatchSpanProcessor(exporters.OTLPSpanExporter()), service, salt)


def use(processor: Any, service: str, salt: str) -> None:
    """Hand all spans to a processor of the SDK. Not the provider of everybody: Prefect would use it too, and
    say of its runs what it likes."""
    sdk, resources = import_module("opentelemetry.sdk.trace"), import_module("opentelemetry.sdk.resources")
    # What OTEL_SERVICE_NAME and OTEL_RESOURCE_ATTRIBUTES say counts more.
    named = resources.Resource({"service.name": service}).merge(resources.OTELResourceDetector().detect())
    provider = sdk.TracerProvider(resource=named)
    provider.add_span_processor(processor)
    _ON[:] = [_Tracing(provider.get_tracer("kamflow"), salt)]


def end() -> None:
    """Send none from now on."""
    _ON.clear()


def span(name: str, trace: str | None = None, **attributes: Value) -> AbstractContextManager[None]:
    """What takes place within, as a span; `trace` begins or goes on with one of ours."""
    return _span(_ON[0], name, trace, attributes) if _ON else _NOWHERE


@contextmanager
def _span(on: _Tracing, name: str, trace: str | None, attributes: Mapping[str, Value]) -> Iterator[None]:
    said = {f"kamflow.{key}": value for key, value in attributes.items() if value is not None}
    around = None if trace is None else _within(on, trace)
    if trace is not None:
        said["kamflow.trace"] = trace
    # An error's words may quote what was read: of it only the kind is said.
    with on.tracer.start_as_current_span(
        name, around, attributes=said, record_exception=False, set_status_on_exception=False
    ) as made:
        try:
            yield
        except BaseException as error:
            status = import_module("opentelemetry.trace.status")
            made.set_status(status.Status(status.StatusCode.ERROR, type(error).__name__))
            raise


def _within(on: _Tracing, trace: str) -> Any:
    """The context of a trace of ours: its number follows from its name, so that every process finds it."""
    api = import_module("opentelemetry.trace")
    number = hashlib.blake2b(f"{on.salt}|{trace}".encode(), digest_size=24).digest()
    root = api.SpanContext(
        int.from_bytes(number[:16], "big"),
        int.from_bytes(number[16:], "big"),
        is_remote=True,
        trace_flags=api.TraceFlags(api.TraceFlags.SAMPLED),
    )
    return api.set_span_in_context(api.NonRecordingSpan(root))
