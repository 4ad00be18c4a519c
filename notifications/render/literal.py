"""Customer text as data: what reaches a template is one line that any channel can carry literally."""

import re
import unicodedata

from notifications.parts import CONTROL, REPLACEMENT, printable

_BREAKS = re.compile("\r\n|[\t\n\r\x85\u2028\u2029]")
_OPENS = {"\u202a": "\u202c", "\u202b": "\u202c", "\u202d": "\u202c", "\u202e": "\u202c"}
_OPENS |= {"\u2066": "\u2069", "\u2067": "\u2069", "\u2068": "\u2069"}
_BIDI = re.compile("[\u202a-\u202e\u2066-\u2069]")
_KEEPS_TOGETHER = "\u200d\ufe0f\ufe0e"


def clean(text: str) -> str:
    """The text in one line; what XML 1.0 forbids as U+FFFD; what turns the writing direction ended."""
    if text.isprintable():  # nothing of all that is
        return text
    text = _BREAKS.sub(" ", printable(text))
    return text + _closing(text) if _BIDI.search(text) else text


def clip(text: str, limit: int) -> str:
    """At most `limit` characters, a cut shown by an ellipsis and not made inside a composed character."""
    if len(text) <= limit:
        return text
    end = max(limit - 1, 0)
    while end > 0 and _joined(text, end):
        end -= 1
    kept = text[:end].rstrip()
    closing = _closing(kept) if _BIDI.search(kept) else ""
    return (kept[: limit - 1 - len(closing)] if closing else kept) + closing + "…"


def header(text: str, limit: int = 110) -> str:
    """The text as a subject line: no control characters, cut at a length that mail programs show."""
    return CONTROL.sub(REPLACEMENT, clip(clean(text), limit)).strip()


def _joined(text: str, end: int) -> bool:
    following = text[end]
    return bool(unicodedata.combining(following)) or following in _KEEPS_TOGETHER or text[end - 1] == "\u200d"


def _closing(text: str) -> str:
    # A name with an open right-to-left override would turn the sentence around it.
    waiting: list[str] = []
    for character in _BIDI.findall(text):
        if character in _OPENS:
            waiting.append(_OPENS[character])
        elif waiting and waiting[-1] == character:
            waiting.pop()
    return "".join(reversed(waiting))
