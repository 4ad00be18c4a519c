"""How people write a name in a text: umlauts in two letters, turned round, with a title, in the genitive."""

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass

_TITLES = ("dr.", "dr", "prof.", "prof", "dipl.-ing.", "mag.", "ing.")
_ADDRESSED = r"(?:Herrn?|Fr\.|Frau|Hr\.|Mrs?|Ms|Mr\.|Mrs\.|Ms\.|Dr|Dr\.|Prof|Prof\.)"
_SPELLED = {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss"}
_BEGINS, _ENDS = r"(?<![\w.@-])", r"(?!\w)"
_GENITIVE = "(?:s|['\N{RIGHT SINGLE QUOTATION MARK}]s?)?"
_SHORT = 2  # letters: what is no longer says nothing


@dataclass(frozen=True)
class Spellings:
    """`sure` are of this person and hardly of another one, `lone` is the last name by itself."""

    sure: re.Pattern[str]
    lone: re.Pattern[str] | None
    fragments: tuple[str, ...]

    def found(self, text: str, *, lone: bool = True) -> bool:
        """Tell whether the text names the person."""
        pattern = self.lone if lone else None
        return bool(self.sure.search(text) or (pattern and pattern.search(text)))

    def swapped(self, text: str, marker: str, *, lone: bool) -> str:
        """The text with the marker in place of the name."""
        text = self.sure.sub(marker, text)
        return self.lone.sub(marker, text) if lone and self.lone else text


def spellings(first: str | None, last: str, exact: Iterable[str | None] = ()) -> Spellings:
    """All spellings of a name; `exact` are addresses and numbers, found as they stand."""
    first, last = " ".join((first or "").split()), " ".join(last.split())
    known = [each.strip() for each in exact if each and len(each.strip()) > _SHORT]
    sure = [_pattern(each) for each in known]
    if last:
        sure += [rf"{_ADDRESSED}\s+(?:{_ADDRESSED}\s+)*{_pattern(last)}{_GENITIVE}"]
    if first and last:
        given = rf"(?:{_pattern(first)}|{re.escape(first[0])}\.)"
        sure += [rf"{given}\s+{_pattern(last)}{_GENITIVE}", rf"{_pattern(last)},\s*{given}"]
    return Spellings(
        re.compile(_BEGINS + "(?:" + "|".join(sure or [r"(?!)"]) + ")" + _ENDS, re.IGNORECASE),
        _lone(last),
        tuple({fragment(each) for each in [*known, last] if each}),
    )


def apart(name: str) -> tuple[str | None, str]:
    """First and last name of a full one, without titles: "Dr. Anna von Berg" is (Anna, von Berg)."""
    words = [word for word in name.split() if word.casefold() not in _TITLES]
    if len(words) < 2:
        return None, " ".join(words)
    particle = next((at for at, word in enumerate(words) if at and word.islower()), len(words) - 1)
    return " ".join(words[:particle]), " ".join(words[particle:])


def fragment(text: str) -> str:
    """The longest run of plain letters: a database finds it in any case, however it is spelled."""
    composed = unicodedata.normalize("NFC", text)
    # Not across what may be spelled in two ways.
    for plain, two in _SPELLED.items():
        composed = composed.replace(two, plain).replace(two.title(), plain)
    runs = re.findall(r"[A-Za-z0-9@.+-]+", composed)
    return max(runs, key=len, default=composed)


def _lone(last: str) -> re.Pattern[str] | None:
    """As it is written or in capitals: the adjective `klein` is not Mr Klein."""
    if len(last) < _SHORT:
        return None
    spelled = "|".join(_pattern(each) for each in dict.fromkeys((last, last.upper(), last.title())))
    return re.compile(rf"{_BEGINS}(?:{spelled}){_GENITIVE}{_ENDS}")


def _pattern(text: str) -> str:
    """One text with umlauts in every spelling and any white space."""
    said = unicodedata.normalize("NFC", text.strip())
    made, at = "", 0
    while at < len(said):
        two, one = said[at : at + 2], said[at]
        umlaut = next((plain for plain, spelled in _SPELLED.items() if spelled == two.casefold()), None)
        if umlaut:
            made, at = made + _either(umlaut, two), at + 2
        elif one.casefold() in _SPELLED or one == "ß":
            made, at = made + _either(one, one), at + 1
        else:
            made, at = made + (r"[\s\u00a0]+" if one.isspace() else _letter(one)), at + 1
    return made


def _letter(letter: str) -> str:
    apart_ = unicodedata.normalize("NFD", letter)
    return re.escape(letter) if apart_ == letter else f"(?:{re.escape(letter)}|{re.escape(apart_)})"


def _either(umlaut: str, written: str) -> str:
    plain = umlaut.lower()
    kinds = {written, plain, plain.upper(), unicodedata.normalize("NFD", plain), _SPELLED[plain]}
    kinds |= {unicodedata.normalize("NFD", plain.upper()), _SPELLED[plain].title(), _SPELLED[plain].upper()}
    return "(?:" + "|".join(sorted(map(re.escape, kinds), key=len, reverse=True)) + ")"
