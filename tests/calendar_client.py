"""A calendar that takes what comes by mail, as RFC 5546 (2.1.5) says: one event a UID, the newest counts."""

from dataclasses import dataclass, field
from datetime import datetime
from email import message_from_bytes, policy
from typing import Any, NamedTuple

import icalendar


class Heard(NamedTuple):
    """What was said last about a UID; `event` None: it was taken back."""

    sequence: int
    stamp: datetime
    event: Any


def invitation(raw: bytes) -> tuple[str, bytes]:
    """The method of the MIME part and the calendar of a mail as it went over the wire."""
    parsed = message_from_bytes(raw, policy=policy.SMTP)
    [part] = [each for each in parsed.walk() if each.get_content_type() == "text/calendar"]
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    return str(part.get_param("method")), content


@dataclass
class CalendarClient:
    """Somebody's calendar."""

    known: dict[str, Heard] = field(default_factory=dict)

    @property
    def events(self) -> list[Any]:
        return [heard.event for heard in self.known.values() if heard.event is not None]

    def mail(self, raw: bytes) -> None:
        """Take the invitation of a mail; a method that differs inside and outside is refused (RFC 6047)."""
        method, content = invitation(raw)
        self.take(content, method)

    def take(self, content: bytes, method: str | None = None) -> None:
        calendar = icalendar.Calendar.from_ical(content)
        assert method in (None, str(calendar["METHOD"]))
        [event] = calendar.walk("VEVENT")
        heard = Heard(int(event.get("SEQUENCE", 0)), event["DTSTAMP"].dt, event)
        before = self.known.get(str(event["UID"]))
        if before is not None and heard[:2] < before[:2]:
            return
        gone = calendar["METHOD"] == "CANCEL"
        self.known[str(event["UID"])] = heard._replace(event=None) if gone else heard
