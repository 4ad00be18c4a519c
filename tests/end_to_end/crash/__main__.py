"""`make crash`: a hundred kills on each database (ARGS="--kills 20 --database sqlite --seed 7")."""

import argparse
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.end_to_end.crash.own_postgres import own_postgres
from tests.end_to_end.crash.run import run

DATABASES = ("sqlite", "postgres")


def main() -> int:
    """Print what the kills cost; 1 where anything was lost, or came twice too often."""
    options = argparse.ArgumentParser(prog="make crash")
    options.add_argument("--kills", type=int, default=100)
    options.add_argument("--messages", type=int, default=2_000, help="in the outbox at a time")
    options.add_argument("--between", type=int, default=100, help="mails between two kills, on average")
    options.add_argument("--database", choices=DATABASES, help="one of them; without it both")
    options.add_argument("--seed", type=int, default=20260907)
    options.add_argument("--quiet", action="store_true", help="say nothing at each kill")
    given = options.parse_args()
    wrong: list[str] = []
    for name in [given.database] if given.database else DATABASES:
        with tempfile.TemporaryDirectory(prefix="kamflow-crash-") as folder, database(name, folder) as url:
            found = run(
                Path(folder) / "home",
                url,
                kills=given.kills,
                messages=given.messages,
                between=given.between,
                seed=given.seed,
                say=(lambda _: None) if given.quiet else print,
            )
        print(found)
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
