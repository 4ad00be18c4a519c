"""The briefing: one page that gets a sponsor ready in two minutes; what it says and what it leaves out.

Facts are those of kamflow.store.briefing_facts: ids, figures and dates. What the key account manager noted
comes before what the data say; nothing is invented, and what is not known is named. Pages kept before there
were goals, ratings, a chart, satisfaction and the matrix have none of these.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from kamflow.figures import contact_matrix

Facts: TypeAlias = Mapping[str, Any]
Line: TypeAlias = Mapping[str, Any]

# The order of the page: whom one meets and what to say, then what stands behind it.
PARTS = (
    "meets", "points", "business", "satisfaction", "promised", "open", "service", "matrix", "gaps", "goals",
    "unknown",
)  # fmt: skip
NEWER = ("goals", "gaps", "series", "satisfaction", "matrix")
RAISED = 3
# People of ours who have a column of their own in the matrix.
COLUMNS = 2


class Room(NamedTuple):
    """How much of a page is said: lines of a part, people one meets, characters of a text, and whether
    figures are drawn."""

    lines: int
    met: int
    text: int
    drawn: bool = True


FULL = Room(8, 8, 600)
# From the fullest to the shortest: the first that fits is the page.
ROOMS = (
    FULL,
    Room(6, 6, 200),
    Room(5, 5, 160),
    Room(4, 5, 120),
    Room(3, 5, 110),
    Room(3, 4, 80),
    Room(2, 4, 80),
    Room(2, 3, 60),
    Room(1, 3, 80),
    Room(1, 2, 60),
    Room(1, 1, 48),
    Room(1, 1, 48, drawn=False),
)


def variants(facts: Facts) -> list[dict[str, Any]]:
    """The page from full to short, each saying what it leaves out."""
    return [read(facts, room) for room in ROOMS]


def told(read: Facts) -> tuple[int, int, bool]:
    """What the room makes of the facts: pages with the same say the same, but for the length of texts."""
    lists = ("figures", "measures", "questions", "complaints", "services", "gaps", "goals", "missing")
    rows = [len(plan["rows"]) for plan in read["rows"]]
    most = max((*(len(read[name]) for name in lists), *rows))
    people = max(len(read["meets"]), len(read["persons"]))
    room: Room = read["room"]
    return min(room.lines, most), min(room.met, people), room.drawn


def once(facts: Facts) -> Facts:
    """The facts as the page reads them, whether or not they were read before."""
    return facts if "room" in facts else read(facts)


def read(facts: Facts, room: Room = FULL) -> dict[str, Any]:
    """The facts with all that the page says of them."""
    found: dict[str, Any] = {name: [] for name in NEWER} | dict(facts)
    newer = [name for name in NEWER if name in facts]
    found["room"] = room
    found["raised"] = _raised(found)
    found["asked"] = _asked(found)
    found["sums"] = _sums(found["services"])
    found["so_far"] = [_so_far(line) for line in found["series"]]
    found["rows"] = [_rows(line, found) for line in found["matrix"]]
    found["named"] = _named(found)
    found["missing"] = list(_missing(found, newer))
    return found


# --- what to raise, what to ask ------------------------------------------------------------------


def _raised(facts: Facts) -> list[Line]:
    """Three points: the key account manager's, else the gravest that the data know, one of each kind."""
    noted = facts["points"]["raise"]
    if noted:
        return [{"from": "note", **line} for line in noted[:RAISED]]
    return list(islice(_gravest(facts), RAISED))


def _gravest(facts: Facts) -> Iterator[Line]:
    """One of each kind: of lists in their order, which is the oldest or worst first."""
    behind = [line for line in facts["figures"] if line["name"] == "revenue" and _missed(line)]
    freely = [line for line in facts["services"] if line["charge"] == "waived" and not line["in_return"]]
    valued = [line for line in freely if line["value"] is not None]
    kinds: Mapping[str, Sequence[Line]] = {
        "complaint": facts["complaints"],
        "measure": [line for line in facts["measures"] if _broken(line, facts["as_of"])],
        "gap": [line for line in facts["gaps"] if "-" in (line["need"], line["competitor"])],
        "figure": behind,
        "service": sorted(valued, key=lambda line: -Decimal(line["value"])),
    }
    yield from ({"from": kind, **lines[0]} for kind, lines in kinds.items() if lines)


def _broken(measure: Line, today: str) -> bool:
    return measure["side"] != "customer" and measure["due"] is not None and measure["due"] < today


def _missed(figure: Line) -> bool:
    return figure["light"] in ("red", "amber") and figure["against"] is not None


def _asked(facts: Facts) -> Line | None:
    """The one question: as noted, else one that somebody who attends can answer, else the nearest."""
    noted = facts["points"]["ask"]
    if noted:
        return {"from": "note", **noted[0]}
    there = {line["contact"] for line in facts["meets"]}
    questions = sorted(facts["questions"], key=lambda line: line["contact"] not in there)
    return {"from": "question", **questions[0]} if questions else None


# --- sums ----------------------------------------------------------------------------------------


def _sums(services: Iterable[Line]) -> Mapping[str, Any]:
    """The value of what was given, as far as it is known: charged, waived, and of how many it is not."""
    lines = list(services)
    return {
        **{
            charge: _added(line["value"] for line in lines if line["charge"] == charge) for charge in _CHARGES
        },
        "all": _added(line["value"] for line in lines),
        "unknown": sum(line["value"] is None for line in lines),
        "returned": sum(bool(line["in_return"]) for line in lines),
    }


_CHARGES = ("charged", "waived")


def _so_far(line: Line) -> Mapping[str, Any]:
    """The parts of the year that are over: what came in, with target and past where all are known."""
    until = line["actual"]["as_of"]
    parts = [each for each in line["parts"] if each["last"] <= until and each["actual"] is not None]
    return {
        "series": line["series"],
        "last": parts[-1]["last"] if parts else None,
        **{name: _whole(each[name] for each in parts) for name in ("actual", "target", "before")},
    }


def _whole(amounts: Iterable[str | None]) -> str | None:
    """The sum, where every part is known: half of a target would look like half the target."""
    found = list(amounts)
    return None if None in found else _added(found)


def _added(amounts: Iterable[str | None]) -> str | None:
    known = [Decimal(each) for each in amounts if each is not None]
    return f"{sum(known, Decimal()):.2f}" if known else None


# --- whom one may read of ------------------------------------------------------------------------


def _rows(line: Line, facts: Facts) -> Mapping[str, Any]:
    """The contact plan in small. With a works council only the reader has a column, beside all of ours."""
    cells, reader = line["cells"], _reader(facts)
    there = [each["contact"] for each in facts["meets"]]
    columns = contact_matrix.columns(cells, [reader, *facts["persons"]])
    if facts.get("council", True):
        columns = [person for person in columns if person == reader]
    return {**line, **contact_matrix.rows(cells, there, columns[:COLUMNS])}


def _named(facts: Facts) -> frozenset[int]:
    """Whose open measures carry the name: with a works council nobody's but the reader's own."""
    people = {each["person"] for each in facts["measures"] if each["person"] is not None}
    return frozenset(people & {_reader(facts)} if facts.get("council", True) else people)


def _reader(facts: Facts) -> int | None:
    """Who reads it: of a copy nobody whom the facts know."""
    return facts["person"] if facts.get("for_person") is None else None


# --- what is not known ---------------------------------------------------------------------------


def _missing(facts: Facts, newer: Iterable[str]) -> Iterator[str]:
    """What no row tells. A line that was struck is not missing, it is left out."""
    struck = {each["list"] for each in facts.get("left_out", ())}
    compared = facts["compared"]
    if not compared["contacts"]:
        yield "contacts"
    if not facts["scorecard"]:
        yield "scorecard"
    for line in facts["figures"]:
        if line["name"] != "year_ago" and line["value"] is None and not _answered(line, facts):
            yield f"figure.{line['name']}"
    for name in ("measures", "services"):
        if not compared[name]:
            yield name
    yield from (name for name in newer if not facts[name] and name not in struck)


def _answered(line: Line, facts: Facts) -> bool:
    """Answers that are too few for a score are something, and a newer survey may say more."""
    return line["name"] == "nps" and bool(facts["satisfaction"] or (line.get("more") or {}).get("raw"))
