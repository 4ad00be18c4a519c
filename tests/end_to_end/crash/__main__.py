"""`make crash`: a hundred kills on each database while mails go out, and while posts do (ARGS="--kills 20
--database sqlite --channel slack --seed 7")."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import product
from pathlib import Path

from tests.end_to_end.crash.own_postgres import own_postgres
from tests.end_to_end.crash.run import run

DATABASES, CHANNELS = ("sqlite", "postgres"), ("email", "slack")


def main() -> int:
    """Print what the kills cost; 1 where anything was lost, or came twice too often."""
    options = argparse.ArgumentParser(prog="make crash")
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--messages", type=int, default=2_000, help="in the outbox at a time")
    options.add_argument("--between", type=int, default=100, help="messages between two kills, on average")
    options.add_argument("--database", choices=DATABASES, help="one of them; without it both")
    options.add_argument("--channel", choices=CHANNELS, help="likewise")
    options.add_argument("--seed", type=int, default=20260907)
    options.add_argument("--quiet", action="store_true", help="say nothing at each kill")
    given = options.parse_args()
    wrong: list[str] = []
    databases = [given.database] if given.database else DATABASES
    for name, channel in product(databases, [given.channel] if given.channel else CHANNELS):
        with tempfile.TemporaryDirectory(prefix="kamflow-crash-") as folder, database(name, folder) as url:
            found = run(
                Path(folder) / "home",
                url,
                kills=given.kills,
                messages=given.messages,
                between=given.between,
                seed=given.seed,
                channel=channel,
                say=(lambda _: None) if given.quiet else print,
            )
        print(found, flush=True)
        wrong += found.wrong
    print(*(f"WRONG: {each}" for each in wrong), sep="\n")
    print("all is well" if not wrong else f"{len(wrong)} things are wrong")
    return 1 if wrong else 0


@contextmanager
def database(name: str, folder: str) -> Iterator[str]:
    """A URL: a file in the folder, or a PostgreSQL of its own there."""
    if name == "sqlite":
        yield f"sqlite:///{folder}/kamflow.db"
        return
    with own_postgres() as server:
        yield server.url


if __name__ == "__main__":
    sys.exit(main())
