"""How often somebody may try: counted in this process, by name of the thing and by who tries.

A window slides: what was counted in the one before fades out of it. An attack from everywhere cannot fill
the memory: only so many are counted, and who has been quiet for longest is forgotten first. Of an IPv6
address the network counts, for everybody has billions of addresses in theirs.
"""

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from ipaddress import IPv6Address, IPv6Network, ip_address
from threading import Lock
from time import monotonic

from limits import RateLimitItem, parse

# Wrong tokens an address may show before it has to wait; people make a handful of mistakes at most.
GUESSES = parse("20 per 10 minutes")
# Links to sign in that may be asked for: by one address, and for one person.
ASKED_BY = parse("10 per 10 minutes")
ASKED_FOR = parse("3 per 10 minutes")
# Requests of one address to one listener; an office behind one address stays below it.
REQUESTS = parse("1200 per minute")
# Events a source may tell.
EVENTS = parse("600 per minute")
COUNTED = 50_000  # addresses and names that are remembered at once
_NETWORK = 64  # bits of an IPv6 address that belong to one customer of a provider


@dataclass(slots=True)
class _Window:
    since: float
    count: int = 0
    before: int = 0

    def moved(self, now: float, length: float) -> float:
        """How much counts at a moment."""
        if now - self.since >= 2 * length:
            self.since, self.count, self.before = now, 0, 0
        elif now - self.since >= length:
            self.since, self.count, self.before = self.since + length, 0, self.count
        return self.count + self.before * (1 - (now - self.since) / length)


class Limits:
    """Counts in memory: a restart forgets, which costs a guesser nothing but a minute."""

    def __init__(self, clock: Callable[[], float] = monotonic, most: int = COUNTED) -> None:
        self._clock = clock
        self._most = most
        self._windows: OrderedDict[tuple[str, str], _Window] = OrderedDict()
        self._turn = Lock()

    def hit(self, item: RateLimitItem, name: str, who: str) -> bool:
        """Count one try; False once there were too many."""
        key, now = (name, network(who)), self._clock()
        with self._turn:
            window = self._windows.setdefault(key, _Window(now))
            self._windows.move_to_end(key)
            while len(self._windows) > self._most:
                self._windows.popitem(last=False)
            if window.moved(now, item.get_expiry()) + 1 > item.amount:
                return False
            window.count += 1
            return True

    def spent(self, item: RateLimitItem, name: str, who: str) -> bool:
        """Tell whether there were too many, without counting."""
        with self._turn:
            window = self._windows.get((name, network(who)))
            return window is not None and window.moved(self._clock(), item.get_expiry()) + 1 > item.amount

    def wait(self, item: RateLimitItem) -> int:
        """Seconds after which somebody who was stopped may try again at the latest."""
        return item.get_expiry()


@lru_cache(maxsize=4096)
def network(who: str) -> str:
    """What is counted of an address; anything else as it is."""
    try:
        found = ip_address(who.partition("%")[0])
    except ValueError:
        return who
    if not isinstance(found, IPv6Address):
        return str(found)
    inside = found.ipv4_mapped
    return str(inside) if inside else str(IPv6Network((found, _NETWORK), strict=False))
