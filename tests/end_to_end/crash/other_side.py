"""Who takes the messages, a mail server or a Slack: what has come, and what is heard while it comes."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from typing import NamedTuple

from flows import runtime
from kamflow.demo.slack.faults import HISTORY, LOOK_UP, OPEN, POST
from kamflow.demo.slack.outcome import Lost
from kamflow.demo.slack.server import SlackServer, running_slack
from kamflow.demo.slack.workspace import Payload, SlackUser
from kamflow.demo.smtp_catcher import SmtpCatcher, running_catcher
from tests.end_to_end.crash.full_home import address

NO_PORT = 9  # of a mail server: nobody listens there
SLACK_TOML = """
[slack]
api_url = "{url}"
timeout = 120
"""

# Told of each stage, it says whether the answer is held.
Heard = Callable[[str], bool]


class Arrived(NamedTuple):
    """A message that has come; all attempts at it have the same id."""

    message_id: str
    to: tuple[str, ...]


@dataclass(frozen=True)
class MailServer:
    """`stages` are those of each mail, but the `first` one; `taken`: it has come. Everybody gets `each`."""

    catcher: SmtpCatcher
    channel = "email"
    stages = ("ehlo", "mail", "rcpt", "data", "body", "taken")
    first = ("ehlo",)
    taken = "taken"
    each = 1
    more = ""
    looked_up = 0

    @property
    def port(self) -> int:
        return self.catcher.port

    @property
    def is_quiet(self) -> bool:
        """Whether what a killed one had sent was read to its end."""
        return not self.catcher.talking

    def arrived(self) -> list[Arrived]:
        return [Arrived(mail.message_id, mail.recipients) for mail in self.catcher.messages]

    def listen(self, heard: Heard) -> None:
        self.catcher.rule = lambda stage, _: "hang" if heard(stage) else None


@dataclass(frozen=True)
class Slack:
    """The same of posts, several to a conversation. The answer is held once the post has come, or before."""

    server: SlackServer
    channel = "slack"
    stages = (POST, POST, POST, LOOK_UP, OPEN, HISTORY)
    first = (LOOK_UP, OPEN, HISTORY)
    taken = POST
    each = 5
    port = NO_PORT

    @property
    def more(self) -> str:
        return SLACK_TOML.format(url=self.server.url)

    @property
    def looked_up(self) -> int:
        """How often a conversation's history was asked for."""
        return sum(method == HISTORY for method, _ in self.server.calls)

    @property
    def is_quiet(self) -> bool:
        return not self.server.talking

    def arrived(self) -> list[Arrived]:
        return [Arrived(post.message_id or "", (post.user.email,)) for post in self.server.posts if post.user]

    def listen(self, heard: Heard) -> None:
        held: cycle[Lost] = cycle(("hang answer", "hang"))

        def rule(method: str, _: Payload) -> Lost | None:
            return next(held) if heard(method) else None

        self.server.rule = rule


OtherSide = MailServer | Slack


@contextmanager
def other_side(channel: str, people: int) -> Iterator[OtherSide]:
    """One that runs within the block, and knows so many people."""
    if channel == "email":
        with running_catcher() as catcher:
            yield MailServer(catcher)
        return
    users = [SlackUser(f"U{number}", address(number)) for number in range(people)]
    with running_slack(SlackServer(users, now=runtime.clock)) as server:
        yield Slack(server)
