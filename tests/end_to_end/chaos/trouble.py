"""What goes wrong: processes are killed, the mail server and Slack go away and come back."""

import random
import threading
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from time import monotonic

from kamflow.demo.slack.server import Rule as SlackRule
from kamflow.demo.slack.workspace import SlackError
from kamflow.demo.smtp_terms import Rule as SmtpRule
from tests.end_to_end.chaos import processes
from tests.end_to_end.chaos.household import Household, now

# Half of the blows are kills, of a run more often than of what starts it.
ANY = ("server", "runner", "flow", "flow", "up") * 2 + ("email", "slack") * 5
WAIT_SECONDS = 10.0  # for a run to be killed: it lives for two or three
SMTP_FAULTS: dict[str, SmtpRule] = {
    "gone": lambda _stage, _about: "drop",
    "busy": lambda stage, _about: b"421 4.3.2 try later\r\n" if stage in ("connect", "mail") else None,
    "hangs": lambda stage, _about: "hang" if stage == "body" else None,
}


def _limited(_method: str, _payload: object) -> SlackError:
    return SlackError("ratelimited", retry_after=2)


SLACK_FAULTS: dict[str, SlackRule] = {"gone": lambda _method, _payload: "drop", "limits": _limited}


@dataclass
class Outage:
    """A channel that was away, in the home's time and in seconds of ours."""

    channel: str
    how: str
    since: datetime
    began: float
    until: datetime | None = None
    seconds: float = 0.0


@dataclass
class Pace:
    """Seconds between two blows, seconds that a channel stays away; drawn from these ranges."""

    blow: tuple[float, float] = (5.0, 15.0)
    away: tuple[float, float] = (10.0, 60.0)
    long_away: tuple[float, float] = (120.0, 180.0)  # such that operations have to be told


@dataclass
class Trouble:
    """Strikes in its own thread from `start` to `stop`; `done` counts kills that hit and outages that began.

    By chance for as long as it lasts, or as `plan` says: each role or channel in turn, and then no more.
    """

    home: Household
    chance: random.Random
    pace: Pace = field(default_factory=Pace)
    plan: Sequence[str] | None = None
    done: Counter[str] = field(default_factory=Counter)
    outages: list[Outage] = field(default_factory=list)
    _over: threading.Event = field(default_factory=threading.Event)
    _thread: threading.Thread | None = None
    _ends: dict[str, float] = field(default_factory=dict)

    def start(self) -> None:
        self._thread = threading.Thread(target=self._strike, daemon=True)
        self._thread.start()

    @property
    def enough(self) -> bool:
        """Whether all blows of the plan fell."""
        assert self._thread is not None, "nothing strikes yet"
        assert self._thread.is_alive(), "the blows ended by themselves"
        return self.plan is None or self.done.total() >= len(self.plan)

    def stop(self) -> None:
        """End every trouble: from now on all is well again."""
        self._over.set()
        if self._thread is not None:
            self._thread.join()
        for channel in ("email", "slack"):
            self._mend(channel)

    def _strike(self) -> None:
        while not self._over.wait(self.chance.uniform(*self.pace.blow)):
            if self.plan is None:
                self._blow(self.chance.choice(ANY))
            elif not self.enough:
                self._blow(self.plan[self.done.total()])
            self._mend_in_time()

    def _blow(self, what: str) -> None:
        if what == "email":
            how = self.chance.choice(list(SMTP_FAULTS))
            self._break(what, how, lambda: setattr(self.home.stage.catcher, "rule", SMTP_FAULTS[how]))
        elif what == "slack":
            how = self.chance.choice(list(SLACK_FAULTS))
            self._break(what, how, lambda: setattr(self.home.stage.slack, "rule", SLACK_FAULTS[how]))
        else:
            self._kill(what)

    def _kill(self, role: str) -> None:
        end = monotonic() + WAIT_SECONDS
        while not (found := processes.of_home(self.home.folder)[role]) and monotonic() < end:
            self._over.wait(0.1)
        if found and processes.kill(self.chance.choice(found)):
            self.done[f"killed {role}"] += 1
        self.home.keep_up()

    def _break(self, channel: str, how: str, doing: Callable[[], None]) -> None:
        if channel in self._ends:
            return
        doing()
        spell = self.pace.long_away if self.chance.random() < 1 / 3 else self.pace.away
        self._ends[channel] = monotonic() + self.chance.uniform(*spell)
        self.outages.append(Outage(channel, how, now(), monotonic()))
        self.done[f"{channel} {how}"] += 1

    def _mend_in_time(self) -> None:
        for channel, end in tuple(self._ends.items()):
            if monotonic() >= end:
                self._mend(channel)

    def _mend(self, channel: str) -> None:
        if self._ends.pop(channel, None) is None:
            return
        server = self.home.stage.catcher if channel == "email" else self.home.stage.slack
        server.rule = None
        outage = next(each for each in reversed(self.outages) if each.channel == channel)
        outage.until, outage.seconds = now(), monotonic() - outage.began
