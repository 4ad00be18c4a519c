"""How often Slack lets an app call: by method in the workspace, and by conversation for posts.

The numbers are those of https://docs.slack.dev/apis/web-api/rate-limits and of the methods' own pages; where
Slack says "several hundred" and "generous bursts", the fake is the stricter: no burst. A call that is refused
does not count.
"""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from math import inf

SECONDS_BETWEEN_POSTS = 1.0
WINDOW = 60.0
TIER_3, TIER_4 = 50, 100
POSTS, TESTS = 300, 200  # "several hundred a minute", "hundreds a minute"

PER_MINUTE = {
    "auth.test": TESTS,
    "chat.postMessage": POSTS,
    "chat.postEphemeral": TIER_4,
    "chat.update": TIER_3,
    "conversations.history": TIER_3,
    "conversations.open": TIER_3,
    "users.info": TIER_4,
    "users.lookupByEmail": TIER_3,
    "views.open": TIER_4,
    "views.publish": TIER_4,
    "views.push": TIER_4,
    "views.update": TIER_4,
}


@dataclass(slots=True)
class Limits:
    """What was called of late. Times in seconds of the workspace's clock."""

    per_minute: Mapping[str, int] = field(default_factory=lambda: PER_MINUTE)
    between_posts: float = SECONDS_BETWEEN_POSTS
    window: float = WINDOW
    _called: dict[str, deque[float]] = field(default_factory=dict)
    _posted: dict[str, float] = field(default_factory=dict)

    def call(self, method: str, now: float) -> float:
        """Count a call; if it comes too early, in how many seconds the next is let through."""
        most, called = self.per_minute.get(method), self._called.setdefault(method, deque())
        while called and called[0] + self.window <= now:
            called.popleft()
        if most is not None and len(called) >= most:
            return called[0] + self.window - now
        called.append(now)
        return 0.0

    def post(self, conversation: str, now: float) -> float:
        """Count a post into a conversation; if it comes too early, in how many seconds it may."""
        early = self._posted.get(conversation, -inf) + self.between_posts - now
        if early > 0:
            return early
        self._posted[conversation] = now
        return 0.0
