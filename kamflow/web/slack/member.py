"""Who acts in Slack, and the words they are answered in."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any
from zoneinfo import ZoneInfo

from kamflow.store.slack_people import SlackPerson
from kamflow.web.site import Site
from notifications.render import speech
from notifications.render.environment import module
from notifications.render.formats import Formats, locale_of
from notifications.render.literal import clean, clip

WORDS = "slack/words.j2"
_NAME = 80


class Words:
    """What kamflow says in Slack, in one language; every text in one line."""

    def __init__(self, language: str) -> None:
        self._macros = module(language, WORDS)

    def __call__(self, macro: str, *values: Any) -> str:
        return " ".join(str(getattr(self._macros, macro)(*values)).split())

    def answer(self, name: str) -> str:
        return self("answer", name)

    def label(self, name: str) -> str:
        return self("label", name)


@dataclass(frozen=True)
class Member:
    """One of our people, in Slack."""

    person: int
    name: str
    language: str
    zone: str
    now: datetime

    @classmethod
    def of(cls, known: SlackPerson, site: Site) -> "Member":
        language = speech.addressed(known.language, site.settings.company.colleagues)
        return cls(known.id, clip(clean(known.name), _NAME), language, known.zone, site.now())

    @cached_property
    def words(self) -> Words:
        return Words(self.language)

    @cached_property
    def today(self) -> date:
        """The date where they are."""
        return self._local.date()

    @cached_property
    def formats(self) -> Formats:
        return Formats(locale_of(self.language), self.today)

    def line(self, act: str, day: str = "") -> str:
        """What became of a nudge: who, when."""
        formats = self.formats
        at = f"{formats.day(self.today)} {formats.moment(self.now.isoformat(), self._zone.key)}"
        return self.words("closed", act, self.name, at, day)

    @cached_property
    def _zone(self) -> ZoneInfo:
        try:
            return ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            return ZoneInfo("UTC")

    @cached_property
    def _local(self) -> datetime:
        return self.now.astimezone(self._zone)


def strangers(site: Site) -> Words:
    """The words for somebody nobody knows: in the company's language."""
    return Words(speech.addressed(site.settings.company.language, site.settings.company.colleagues))
