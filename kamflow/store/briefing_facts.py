"""The facts of a briefing: who is met, how business went, what is open, what was given, what to raise.

Nothing is invented: a line comes from a row with its date, and what there is no row for stays empty, so
that the page says it is missing. What the KAM struck is left out. Lines are named as in a note's `line`:
contact.7, figure.revenue, measure.12, question.3, complaint.4, service.9 (a service given), goal.2, gap.5,
and chart.revenue, survey.nps, matrix.contacts for what is one thing.
"""

from collections.abc import Collection, Iterable, Iterator, Mapping
from datetime import date, datetime
from typing import Any, NamedTuple

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.models.meeting import AnnualMeeting, BriefingNote, MeetingRound
from kamflow.periods import Period
from kamflow.store import briefing_aims as aims
from kamflow.store import briefing_matrix, briefing_series, meeting_people
from kamflow.store import briefing_rows as rows
from kamflow.store.account_counts import Counting
from kamflow.store.meeting_people import Attendees
from kamflow.store.run import Run

# List in the facts -> the id that names its lines, and what they are called in a note.
LISTS: Mapping[str, tuple[str, str]] = {
    "meets": ("contact", "contact"),
    "figures": ("name", "figure"),
    "measures": ("measure", "measure"),
    "questions": ("question", "question"),
    "complaints": ("complaint", "complaint"),
    "services": ("service_given", "service"),
    "goals": ("goal", "goal"),
    "gaps": ("gap", "gap"),
    "series": ("series", "chart"),
    "satisfaction": ("survey", "survey"),
    "matrix": ("matrix", "matrix"),
}


class Talk(NamedTuple):
    """A round that a briefing is for."""

    id: int
    account: int
    meeting: int
    kind: str
    number: int
    day: date
    starts_at: datetime | None


def gather(run: Run, rounds: Collection[int]) -> dict[int, dict[str, Any]]:
    """The facts of the briefing of each round, as of the run's day."""
    talks = list(_talks(run.session, rounds))
    accounts = {talk.account for talk in talks}
    known = _Known(run.session, talks, run.today)
    known.by_account |= _more(run, accounts)
    currency = run.company.currency
    return {talk.id: known.facts(talk) | {"currency": currency} for talk in talks}


def compared(session: Session, rounds: Collection[int], today: date) -> dict[int, dict[str, Any]]:
    """What a morning compares of each round, as it was on a day."""
    talks = list(_talks(session, rounds))
    known = _Known(session, talks, today)
    return {talk.id: known.facts(talk)["compared"] for talk in talks}


def lines(facts: Mapping[str, Any]) -> list[str]:
    """The names of the lines on a briefing, in its order: what can be struck or corrected."""
    return [_name(kind, line) for kind in LISTS for line in facts.get(kind, ())]


def _more(run: Run, accounts: Collection[int]) -> dict[str, rows.ByAccount]:
    """What only the page has, and no morning looks at."""
    session, today, company = run.session, run.today, run.company
    at = Counting(session, frozenset(accounts), Period(today, today), today)
    policy = run.policy
    return {
        "goals": aims.goals(session, accounts, today),
        "gaps": aims.gaps(session, accounts, today),
        "series": briefing_series.of_accounts(session, accounts, today, company),
        "satisfaction": aims.satisfaction(
            at, company.zone, lambda account: policy.of(account).survey_dispatch.nps_from
        ),
        "matrix": briefing_matrix.of_accounts(run, accounts),
    }


class _Known:
    """What the briefings are put together from, each read in one query."""

    def __init__(self, session: Session, talks: Collection[Talk], today: date) -> None:
        accounts = {talk.account for talk in talks}
        rounds = [talk.id for talk in talks]
        self.today = today
        self.attendees = meeting_people.attendees(session, rounds)
        contacts = {contact for each in self.attendees.values() for contact in each.contacts}
        self.places = rows.places(session, accounts, contacts, today)
        self.last = rows.last_contacts(session, contacts, today)
        self.scorecards = rows.scorecards(session, accounts, today)
        self.by_account: dict[str, rows.ByAccount] = {
            "measures": rows.measures(session, accounts, today),
            "questions": rows.questions(session, accounts, today),
            "complaints": rows.complaints(session, accounts, today),
            "services": rows.services(session, accounts, today),
        }
        self.notes = rows.notes(session, rounds, today)

    def facts(self, talk: Talk) -> dict[str, Any]:
        coming = self.attendees.get(talk.id, Attendees())
        card = self.scorecards.get(talk.account)
        found: dict[str, Any] = {
            "as_of": self.today.isoformat(),
            "account": talk.account,
            "meeting": talk.meeting,
            "round": talk.id,
            "number": talk.number,
            "kind": talk.kind,
            "day": talk.day.isoformat(),
            "starts_at": talk.starts_at.isoformat() if talk.starts_at else None,
            "persons": list(coming.persons),
            "scorecard": {key: card[key] for key in ("quarter", "state", "light", "kept_on")}
            if card
            else None,
            "meets": sorted(
                (self._contact(talk.account, contact) for contact in coming.contacts),
                key=lambda line: -(line["influence"] or 0),
            ),
            "figures": card["figures"] if card else [],
        }
        found |= {name: by_account.get(talk.account, []) for name, by_account in self.by_account.items()}
        # What a morning is compared with: as it is, whatever the KAM struck.
        found["compared"] = _compared(talk, coming, found)
        return found | noted(found, self.notes.get(talk.id, ()))

    def _contact(self, account: int, contact: int) -> dict[str, Any]:
        place, weight, level = self.places.get((account, contact), (None, None, "other"))
        return {
            "contact": contact,
            "place": place,
            "influence": weight,
            "board": level == "board",
            "level": level,
            "last": self.last.get(contact),
        }


def _talks(session: Session, rounds: Collection[int]) -> Iterator[Talk]:
    meeting, talk = AnnualMeeting, MeetingRound
    found = session.execute(
        select(
            col(talk.id),
            col(meeting.account_id),
            col(meeting.id),
            col(meeting.kind),
            col(talk.number),
            col(talk.day),
            col(talk.starts_at),
        )
        .join(meeting, col(meeting.id) == col(talk.meeting_id))
        .where(col(talk.id).in_(rounds), col(talk.day).is_not(None))
        .order_by(col(talk.id))
    )
    return (Talk(*row) for row in found)


def _compared(talk: Talk, coming: Attendees, found: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "day": talk.day.isoformat(),
        "starts_at": found["starts_at"],
        "persons": sorted(coming.persons),
        "contacts": sorted(coming.contacts),
        "figures": {
            each["name"]: {key: each[key] for key in ("unit", "value", "as_of")}
            for each in found["figures"]
            if each["name"] != "year_ago"
        },
        "measures": sorted(line["measure"] for line in found["measures"]),
        "complaints": sorted(line["complaint"] for line in found["complaints"]),
    }


def noted(found: Mapping[str, Any], notes: Iterable[BriefingNote]) -> dict[str, Any]:
    """What the KAM made of the lines: struck ones are left out, corrected ones carry the correction.

    `left_out` says which were struck and where they stood.
    """
    notes = list(notes)
    struck = {note.line for note in notes if note.kind == "strike"}
    corrected = {note.line: note.id for note in notes if note.kind == "correct"}
    kept = {
        name: [
            line | {"note": corrected.get(_name(name, line))}
            for line in found[name]
            if _name(name, line) not in struck
        ]
        for name in LISTS
        if name in found
    }
    points = {
        kind: [{"note": note.id} for note in notes if note.kind == kind] for kind in ("raise", "ask", "avoid")
    }
    left_out = [
        {"list": name, "at": at, "line": line}
        for name in LISTS
        for at, line in enumerate(found.get(name, ()))
        if _name(name, line) in struck
    ]
    return {**kept, "points": points, "left_out": left_out}


def whole(facts: Mapping[str, Any]) -> dict[str, list[dict[str, Any]]]:
    """All lines of a page, those that were left out as well."""
    # Pages written before there was a list do not have it.
    lists = {name: list(facts[name]) for name in LISTS if name in facts}
    for each in facts.get("left_out", ()):
        lists[each["list"]].insert(each["at"], each["line"])
    return lists


def _name(list_name: str, line: Mapping[str, Any]) -> str:
    key, kind = LISTS[list_name]
    return f"{kind}.{line[key]}"
