"""The briefing: one page that gets a sponsor ready in two minutes; what it says and what it leaves out.

Facts are those of kamflow.store.briefing_facts: ids, figures and dates. What the key account manager noted
comes before what the data say; nothing is invented, and what is not known is named. Pages kept before there
were goals, ratings, a chart, satisfaction and the matrix have none of these.

With a works council a page is read by whoever attends, sponsor or not, as by any colleague: of the contact
plan their own contacts and who met whom last, since that is what one has to know before a meeting. How many
contacts all of ours held is said only where five or more plan some (or the reader alone does), and never by
contact: that one or two of ours plan.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from itertools import islice
from typing import Any, NamedTuple, TypeAlias

from kamflow.figures import contact_matrix, year_so_far

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


def variants(facts: Facts) -> Iterator[dict[str, Any]]:
    """The page from full to short, each saying what it leaves out; read when it is asked for."""
    return (read(facts, room) for room in ROOMS)


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
    found["so_far"] = [year_so_far.summed(line, found["as_of"]) for line in found["series"]]
    if not _may_sum(found):
        found["figures"] = [line for line in found["figures"] if line["name"] != "contacts"]
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
    """The value of what was given, as far as it is known: charged, waived, neither said, and of how many it
    is not."""
    lines = list(services)
    return {
        **{
            charge: year_so_far.added(line["value"] for line in lines if line["charge"] == charge)
            for charge in _CHARGES
        },
        "unstated": year_so_far.added(line["value"] for line in lines if line["charge"] not in _CHARGES),
        "all": year_so_far.added(line["value"] for line in lines),
        "unknown": sum(line["value"] is None for line in lines),
        "returned": sum(bool(line["in_return"]) for line in lines),
    }


_CHARGES = ("charged", "waived")


# --- whom one may read of ------------------------------------------------------------------------


def _rows(line: Line, facts: Facts) -> Mapping[str, Any]:
    """The contact plan in small. With a works council only the reader has a column, and nobody a sum of all
    by contact."""
    cells, reader = line["cells"], _reader(facts)
    there = [each["contact"] for each in facts["meets"]]
    last = {each["contact"]: each for each in line.get("last", ())}
    if not facts.get("council", True):
        columns = contact_matrix.columns(cells, [reader, *facts["persons"]])[:COLUMNS]
        return {**line, "last": last, **contact_matrix.rows(cells, there, columns)}
    columns = [person for person in {cell["person"] for cell in cells} if person == reader]
    plan = {**line, "last": last, **contact_matrix.rows(cells, there, columns, together=False)}
    return plan if _may_sum(facts) else plan | {"all": None}


def _may_sum(facts: Facts) -> bool:
    """Whether the reader may read what all of ours did; where nobody knows who plans contacts, not."""
    if not facts.get("council", True):
        return True
    plans = [
        *facts["matrix"],
        *(each["line"] for each in facts.get("left_out", ()) if each["list"] == "matrix"),
    ]
    return contact_matrix.may_sum((cell for plan in plans for cell in plan["cells"]), _reader(facts))


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
    # Pages from before do not say what was struck, only what a morning was to be compared with.
    compared = facts["compared"]
    if not compared["contacts"]:
        yield "contacts"
    if not facts["scorecard"]:
        yield "scorecard"
    for line in facts["figures"]:
        if line["name"] != "year_ago" and line["value"] is None and not _answered(line, facts):
            yield f"figure.{line['name']}"
    lists = ("measures", "services", *newer)
    yield from (name for name in lists if not (facts[name] or name in struck or compared.get(name)))


def _answered(line: Line, facts: Facts) -> bool:
    """Answers that are too few for a score are something, and a newer survey may say more."""
    return line["name"] == "nps" and bool(facts["satisfaction"] or (line.get("more") or {}).get("raw"))
