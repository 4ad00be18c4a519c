"""`make chaos`: half an hour of blows, then the verdict (ARGS="--minutes 5 --seed 7")."""

import argparse
import json
import sys
import tempfile
from pathlib import Path

from tests.end_to_end.chaos.run import run


def main() -> int:
    """Print what was done and found; 1 where anything is wrong."""
    options = argparse.ArgumentParser(prog="make chaos")
    options.add_argument("--minutes", type=float, default=30.0)
    options.add_argument("--seed", type=int, default=20260907)
    options.add_argument("--accounts", type=int, default=12)
    options.add_argument("--keep", type=Path, help="keep the home here, with its logs")
    given = options.parse_args()
    with tempfile.TemporaryDirectory(prefix="kamflow-chaos-") as temporary:
        folder = given.keep or Path(temporary)
        verdict = run(folder, minutes=given.minutes, seed=given.seed, accounts=given.accounts, say=print)
    print(json.dumps(verdict.counted, indent=2, ensure_ascii=False))
    print(*(f"WRONG: {each}" for each in verdict.wrong), sep="\n")
    print("all is well" if not verdict.wrong else f"{len(verdict.wrong)} things are wrong")
    return 1 if verdict.wrong else 0


if __name__ == "__main__":
    sys.exit(main())
