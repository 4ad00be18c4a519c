"""What `kamflow config check` says of the tables about running kamflow: what cannot be, and what is odd."""

from collections import Counter
from collections.abc import Iterator
from urllib.parse import urlsplit

from kamflow import outward
from kamflow.errors import ConfigError
from kamflow.settings import Settings

LOOPBACK = ("127.", "localhost", "[::1]")


def refuse(settings: Settings) -> None:
    """Look at what the types of the settings cannot judge.

    Raises:
        ConfigError: two listen at one place, or the company's certificates cannot be read.
    """
    outward.way(settings).tls()
    taken = Counter(_listening(settings).values())
    twice = [address for address, count in taken.items() if count > 1 and not address.endswith(":0")]
    if twice:
        names = " and ".join(name for name, each in _listening(settings).items() if each == twice[0])
        raise ConfigError(f"{names} are both {twice[0]}: give each a port of its own")


def _listening(settings: Settings) -> dict[str, str]:
    web = settings.web
    found = {
        "web.public_listen": web.public_listen,
        "web.internal_listen": web.internal_listen,
        "operations.listen": settings.operations.listen,
    }
    if settings.prefect.api_url is None:
        found["prefect.port"] = f"127.0.0.1:{settings.prefect.port}"
    return {name: each.replace("localhost:", "127.0.0.1:") for name, each in found.items()}


def odd(settings: Settings) -> Iterator[str]:
    """What can be, and hardly is what somebody wants."""
    told, web = settings.operations, settings.web
    if not told.listen.startswith(LOOPBACK):
        yield f"operations.listen is {told.listen}: health and figures are shown without a sign-in"
    for name, listen in (("public", web.public_listen), ("internal", web.internal_listen)):
        if not listen.startswith(LOOPBACK):
            yield f"web.{name}_listen is {listen}: without TLS, unless a proxy of yours stands before it"
    if told.slack_channel and settings.slack.token is None:
        yield "operations.slack_channel is set without KAMFLOW_SLACK__TOKEN: operations get mail only"
    if settings.slack.token and settings.slack.detail == "reference" and web.internal_url is None:
        yield 'slack.detail is "reference" without web.internal_url: posts lead nowhere'
    if settings.http.proxy and urlsplit(settings.http.proxy).password:
        yield "http.proxy holds a password: better write the address into the file secrets/http__proxy"
    yield from _prefect(settings)


def _prefect(settings: Settings) -> Iterator[str]:
    prefect = settings.prefect
    if prefect.redis_url and not prefect.database_url:
        yield "prefect.redis_url is set without prefect.database_url: several servers need PostgreSQL, too"
    if prefect.work_pool and prefect.api_url is None and not prefect.database_url:
        yield "prefect.work_pool with Prefect's SQLite: other machines need a PostgreSQL for Prefect"
    if prefect.api_url and prefect.database_url:
        yield "prefect.api_url is set: prefect.database_url is the business of who runs that server"
