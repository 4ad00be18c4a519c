"""`kamflow pause`, `resume`, `account hand-over`, `target set`, `plan imported`."""

from collections.abc import Callable

from tests.acts.world import World
from tests.cli.conftest import Answer


def test_an_account_is_paused_and_resumed(world: World, kamflow: Callable[..., Answer]) -> None:
    pause = ("pause", "muster", "--until", "2026-10-31", "--reason", "insolvency", "--as", "witt")

    assert kamflow(*pause).out == "paused: everything about Muster AG, until 2026-10-31\n"
    assert kamflow(*pause).out == "paused already: everything about Muster AG, until 2026-10-31\n"
    assert kamflow("resume", "muster", "--as", "witt").out == "resumed: everything about Muster AG\n"
    assert kamflow("resume", "muster", "--as", "witt", "--json").json["state"] == "already"


def test_a_pause_is_a_persons_word(world: World, kamflow: Callable[..., Answer]) -> None:
    answer = kamflow("pause", "muster", "--until", "2026-10-31", "--reason", "why")

    assert answer.code == 2
    assert "--as PERSON" in answer.err


def test_an_account_is_handed_over(world: World, kamflow: Callable[..., Answer]) -> None:
    answer = kamflow("account", "hand-over", "muster", "fremd", "--on", "2026-10-01", "--as", "berg")

    assert answer.out.startswith("announced: Muster AG to Udo Fremd from 2026-10-01 on\n")
    again = kamflow("account", "hand-over", "muster", "fremd", "--on", "2026-10-01", "--json").json
    assert again["state"] == "already"


def test_a_target_is_set(world: World, kamflow: Callable[..., Answer]) -> None:
    assert kamflow("target", "set", "witt", "knut", "4", "--as", "witt").out.startswith(
        "new: Jürgen Witt, knut"
    )
    answer = kamflow("target", "set", "witt", "knut", "2", "--as", "witt")

    assert answer.out == "set: Jürgen Witt, knut, 2026: 2 (was 4)\n"


def test_a_plan_is_taken_over(world: World, kamflow: Callable[..., Answer]) -> None:
    url = "https://documents.example.com/1"
    answer = kamflow("plan", "imported", "muster", "--approved-on", "2026-01-30", "--url", url)

    assert (answer.code, answer.out) == (0, "imported: Muster AG 2026\n")
