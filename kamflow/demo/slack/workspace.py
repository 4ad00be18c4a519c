"""The state of a made-up Slack workspace: users, conversations, posts."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from math import ceil
from typing import Any

from kamflow.demo.slack.limits import Limits
from kamflow.demo.slack.views import Views

Payload = dict[str, Any]

# Slack counts in Unix time; without a clock ours starts at a fixed moment, so that two runs give the same.
FIRST_TS = 1_788_762_600


class SlackError(Exception):
    """Slack says no: `{"ok": false, "error": "users_not_found"}`, with HTTP 429 for `retry_after`."""

    def __init__(
        self, error: str, *, retry_after: int | None = None, messages: Iterable[str] = (), **more: str
    ) -> None:
        super().__init__(error)
        self.error = error
        self.more = more
        self.retry_after = retry_after
        self.messages = list(messages)

    def answer(self) -> Payload:
        """What Slack writes into the body."""
        said: Payload = {"ok": False, "error": self.error, **self.more}
        if self.messages:
            said["response_metadata"] = {"messages": self.messages}
        return said


@dataclass(frozen=True, slots=True)
class SlackUser:
    """A member; a deleted one is deactivated."""

    id: str
    email: str
    name: str = ""
    deleted: bool = False

    def answer(self) -> Payload:
        """The user object as Slack writes it."""
        profile = {"email": self.email, "real_name": self.name, "display_name": self.name}
        return {
            "id": self.id,
            "name": self.name,
            "deleted": self.deleted,
            "is_bot": False,
            "profile": profile,
        }


@dataclass(slots=True)
class Post:
    """A message in a conversation. `user` is who reads it there (None in a channel); `at` monotonic."""

    channel: str
    ts: str
    text: str
    blocks: list[Payload]
    metadata: Payload | None
    user: SlackUser | None
    at: float
    edited: bool = False

    @property
    def message_id(self) -> str | None:
        """Our message id from the metadata, if the post carries one."""
        payload = (self.metadata or {}).get("event_payload", {})
        return payload.get("message_id")

    def answer(self, with_metadata: bool) -> Payload:
        """The message object as Slack writes it."""
        said: Payload = {
            "type": "message",
            "user": "U0BOT",
            "bot_id": "B0BOT",
            "ts": self.ts,
            "text": self.text,
        }
        if self.blocks:
            said["blocks"] = self.blocks
        if with_metadata and self.metadata is not None:
            said["metadata"] = self.metadata
        return said


@dataclass(slots=True)
class Whisper:
    """What only one user sees, and only until they reload."""

    channel: str
    user: str
    text: str
    blocks: list[Payload] = field(default_factory=list)
    ts: str = ""


@dataclass(slots=True)
class Conversation:
    """A direct message with `user`, or a channel; the app posts only where it is a member."""

    id: str
    user: SlackUser | None = None
    member: bool = True
    archived: bool = False


@dataclass(slots=True)
class Workspace:
    """Everything behind the API. `clock` in seconds, monotonic, for the rate limits, which count only where
    `enforce_limits` says so; `now` dates the posts."""

    users: dict[str, SlackUser]
    clock: Callable[[], float]
    enforce_limits: bool = False
    now: Callable[[], datetime] | None = None
    limits: Limits = field(default_factory=Limits)
    conversations: dict[str, Conversation] = field(default_factory=dict)
    posts: list[Post] = field(default_factory=list)
    whispers: list[Whisper] = field(default_factory=list)
    views: Views = field(init=False)

    def __post_init__(self) -> None:
        self.views = Views(self.clock)

    def user(self, identity: str) -> SlackUser:
        """The user with this id, deactivated or not."""
        try:
            return self.users[identity]
        except KeyError:
            raise SlackError("user_not_found") from None

    def by_email(self, email: str) -> SlackUser:
        """The active user with this address; Slack ignores upper and lower case."""
        for user in self.users.values():
            if user.email.lower() == email.lower() and not user.deleted:
                return user
        raise SlackError("users_not_found")

    def direct_message(self, identity: str) -> tuple[Conversation, bool]:
        """The conversation with this user, and whether it was open before."""
        user = self.user(identity)
        if user.deleted:
            raise SlackError("user_disabled")
        channel = f"D{identity[1:]}"
        known = channel in self.conversations
        return self.conversations.setdefault(channel, Conversation(channel, user)), known

    def conversation(self, channel: str) -> Conversation:
        """The conversation with this id; a user's id stands for the direct message."""
        if channel in self.users:
            return self.direct_message(channel)[0]
        try:
            found = self.conversations[channel]
        except KeyError:
            raise SlackError("channel_not_found") from None
        if not found.member:
            raise SlackError("not_in_channel")
        return found

    def called(self, method: str) -> None:
        """Count a call.

        Raises:
            SlackError: there were too many of late.
        """
        if self.enforce_limits and (seconds := self.limits.call(method, self.clock())):
            raise _too_often(seconds)

    def add(self, place: Conversation, text: str, blocks: list[Payload], metadata: Payload | None) -> Post:
        """Post; with `enforce_limits` at most one a second into a conversation."""
        now = self.clock()
        if place.archived:
            raise SlackError("is_archived")
        if self.enforce_limits and (seconds := self.limits.post(place.id, now)):
            raise _too_often(seconds)
        number = len(self.posts)
        second = int(self.now().timestamp()) if self.now else FIRST_TS + number
        ts = f"{second}.{number:06d}"
        post = Post(place.id, ts, text, blocks, metadata, place.user, now)
        self.posts.append(post)
        return post

    def whisper(self, channel: str, user: str, text: str, blocks: list[Payload]) -> Whisper:
        """Show something to one user only."""
        made = Whisper(channel, user, text, blocks, f"{FIRST_TS}.9{len(self.whispers):05d}")
        self.whispers.append(made)
        return made

    def in_conversation(self, channel: str) -> list[Post]:
        """Its posts, newest first."""
        return [post for post in reversed(self.posts) if post.channel == channel]


def _too_often(seconds: float) -> SlackError:
    return SlackError("ratelimited", retry_after=max(1, ceil(seconds)))
