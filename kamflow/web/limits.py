"""How often somebody may try: counted in this process, by name of the thing and by who tries."""

from limits import RateLimitItem, parse
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

# Wrong tokens an address may show before it has to wait; people make a handful of mistakes at most.
GUESSES = parse("20 per 10 minutes")
# Links to sign in that may be asked for: by one address, and for one person.
ASKED_BY = parse("10 per 10 minutes")
ASKED_FOR = parse("3 per 10 minutes")
# Requests of one address to one listener; an office behind one address stays below it.
REQUESTS = parse("1200 per minute")
# Events a source may tell.
EVENTS = parse("600 per minute")


class Limits:
    """Counts in memory: a restart forgets, which costs a guesser nothing but a minute."""

    def __init__(self) -> None:
        self._window = MovingWindowRateLimiter(MemoryStorage())

    def hit(self, item: RateLimitItem, name: str, who: str) -> bool:
        """Count one try; False once there were too many."""
        return self._window.hit(item, name, who)

    def spent(self, item: RateLimitItem, name: str, who: str) -> bool:
        """Tell whether there were too many, without counting."""
        return not self._window.test(item, name, who)

    def wait(self, item: RateLimitItem) -> int:
        """Seconds after which somebody who was stopped may try again at the latest."""
        return item.get_expiry()
