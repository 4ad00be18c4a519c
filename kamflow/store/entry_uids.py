"""The UID of a calendar entry: one event for ever, in every calendar of the world (RFC 7986, 5.3)."""

import hashlib

from kamflow.store.run import Run


def new(run: Run, what: str) -> str:
    """A UID for a row, such as `round.7`: unlike that of any other here or in another installation."""
    seed = f"{run.domain}|{run.company.name}|{what}|{run.now.isoformat()}"
    return f"{hashlib.blake2b(seed.encode(), digest_size=16).hexdigest()}@{run.domain}"
