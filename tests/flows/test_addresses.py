"""The addresses of `kamflow up` are looked at before anything starts."""

import socket
from contextlib import ExitStack

import pytest

from flows import addresses
from kamflow.errors import ConfigError
from kamflow.settings import Settings
from tests.ports import free_port

NAMES = ("public", "internal", "operations", "prefect")


def settings(**ports: int) -> Settings:
    with ExitStack() as held:  # all at once, or two of them may be the same
        servers = [held.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in NAMES]
        port = {name: each.getsockname()[1] for name, each in zip(NAMES, servers, strict=True)} | ports
    return Settings.model_validate(
        {
            "web": {
                "public_listen": f"127.0.0.1:{port['public']}",
                "internal_listen": f"127.0.0.1:{port['internal']}",
            },
            "operations": {"listen": f"127.0.0.1:{port['operations']}"},
            "prefect": {"port": port["prefect"]},
        }
    )


@pytest.mark.parametrize(
    ("name", "setting"),
    [("public", "web.public_listen"), ("operations", "operations.listen"), ("prefect", "prefect.port")],
)
def test_one_that_is_taken_is_said_with_the_setting_to_change(name: str, setting: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as other:
        port = other.getsockname()[1]
        with pytest.raises(ConfigError, match=rf"^{setting} 127\.0\.0\.1:{port}: .*in use; stop what"):
            addresses.refuse_taken(settings(**{name: port}))


def test_two_settings_with_the_same_address_are_refused_and_four_of_their_own_are_not() -> None:
    port = free_port()
    addresses.refuse_taken(settings())
    with pytest.raises(ConfigError, match=r"web\.internal_listen"):
        addresses.refuse_taken(settings(public=port, internal=port))
