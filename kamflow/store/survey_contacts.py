"""What speaks for and against asking a contact: consent, talks, complaints, other surveys, days off."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any, NamedTuple

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.figures import summer_holidays
from kamflow.figures.survey_governor import Candidate, Consent, Talks
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.meeting import AnnualMeeting, MeetingKind, MeetingRound
from kamflow.models.survey import SurveyInvitation, SurveyWave
from kamflow.models.training import Complaint
from kamflow.store import calendars, pauses, survey_addresses
from kamflow.store.run import Accounts, Run
from kamflow.store.survey_addresses import ContactRow, spelt
from kamflow.store.survey_listings import Listings, load
from kamflow.workdays import Calendar, both

# A negotiation whose agreement nobody entered is over a year after its last round.
FORGOTTEN = timedelta(days=365)


class AccountRow(NamedTuple):
    """What counts for everybody at an account."""

    id: int
    account_class: str | None
    country: str | None
    region: str | None
    closed_on: date | None


@dataclass
class _Standing:
    """A contact's places at one account: the highest influence, of those that hold today if any does."""

    influence: int | None = None
    here: bool = False

    def add(self, influence: int | None, *, valid: bool) -> None:
        if valid and not self.here:
            self.influence, self.here = None, True
        if valid == self.here:
            self.influence = max((each for each in (self.influence, influence) if each), default=None)


@dataclass(frozen=True)
class _At:
    """Where a contact has places today, and at which account it stands how."""

    accounts: set[int] = field(default_factory=set)
    standing: defaultdict[int, _Standing] = field(default_factory=lambda: defaultdict(_Standing))


class Contacts:
    """Everything about the contacts at some accounts and on the lists of some waves, read in bulk."""

    def __init__(
        self,
        run: Run,
        accounts: Mapping[int, AccountRow],
        days: Mapping[int, Calendar],
        asking: Accounts,
        waves: Iterable[int],
    ) -> None:
        """`days`: working days of the accounts; `asking`: those at which everybody is looked at."""
        self._run, self._accounts = run, accounts
        numbers = frozenset(waves)
        self._rows, others = survey_addresses.load(run.session, _wanted(asking, numbers))
        self._same = survey_addresses.together(self._rows.values())
        wanted = _wanted(asking, numbers, others)
        self._at = _places(run.session, wanted, run.today)
        places = frozenset(account for at in self._at.values() for account in at.accounts)
        self._complaints = _complaints(run.session, wanted, places, run.today)
        self._talks = _talks(run.session, places, run.today)
        self._listings: Listings = load(run, wanted)
        self._paused = pauses.accounts(run.session, run.rule, run.today, frozenset(accounts))
        self._days = days

    def at(self, account: int) -> list[int]:
        """Who has a place there today."""
        return sorted(
            contact
            for contact, at in self._at.items()
            if account in at.standing and at.standing[account].here
        )

    def candidate(
        self, contact: int, account: int, years: Iterable[int], wave: int | None, *, struck: bool = False
    ) -> Candidate:
        """One contact at one account; `wave` is the one that would ask it, `years` those it would be in."""
        row, of, same = self._rows[contact], self._accounts[account], self._same[contact]
        standing = self._at[contact].standing
        known = standing[account] if account in standing else _Standing()
        country, region = _home(row, of)
        places = sorted({place for each in same for place in self._at[each].accounts})
        return Candidate(
            contact=contact,
            calendar=self._calendar(account, country, region),
            influence=known.influence,
            consent=self._consent(row),
            notice=row.consent_on is not None and bool(row.consent_wording),
            reachable=bool(spelt(row.email)) and not any(self._bounced(each) for each in same),
            gone=not known.here,
            complaint=not self._complaints[1].isdisjoint(same) or not self._complaints[0].isdisjoint(places),
            talks=tuple(each for place in places for each in self._talks[place]),
            last_asked=self._listings.last_asked(contact, same, wave),
            other_wave=self._listings.other_wave(same, wave),
            holidays=summer_holidays.spans(country, region, years),
            closed=of.closed_on is not None,
            paused=account in self._paused,
            struck=struck,
            address=same[0] if spelt(row.email) else None,
        )

    def _consent(self, row: ContactRow) -> Consent | None:
        """Who objects does so for the address, however often it is entered."""
        if any(self._rows[each].survey_consent == "objected" for each in self._same[row.id]):
            return "objected"
        said = row.survey_consent
        return said if said in ("given", "relationship") else None

    def _bounced(self, contact: int) -> bool:
        found = self._rows[contact].unreachable_on
        return found is not None and found <= self._run.today

    def _calendar(self, account: int, country: str | None, region: str | None) -> Calendar:
        """Days on which both the contact and the account work."""
        of = self._accounts[account]
        own = self._days[account]
        if not country or (country, region) == (of.country, of.region):
            return own
        there = calendars.at_place(self._run.company, country, region, "12345")
        return both(own, there) if there else own


def _home(contact: Any, account: AccountRow) -> tuple[str | None, str | None]:
    """Country and region of a contact, else those of its account."""
    if contact.country and contact.country != account.country:
        return contact.country, contact.region
    return account.country, contact.region or account.region


def accounts(session: Session, ids: Accounts) -> dict[int, AccountRow]:
    """These accounts, closed ones too, in the order of their ids."""
    row = Account
    rows = session.execute(
        select(col(row.id), col(row.account_class), col(row.country), col(row.region), col(row.closed_on))
        .where(col(row.id).in_(ids))
        .order_by(col(row.id))
    )
    return {each[0]: AccountRow(*each) for each in rows}


def _wanted(accounts: Accounts, waves: Collection[int], others: Collection[int] = ()) -> Any:
    """The contacts with a place at these accounts, or on the lists of these waves, and some others."""
    there = select(col(Place.contact_id)).where(col(Place.account_id).in_(accounts))
    listed = (
        select(col(SurveyInvitation.contact_id))
        .join(SurveyWave, col(SurveyWave.id) == col(SurveyInvitation.wave_id))
        .where(col(SurveyWave.id).in_(waves))
    )
    return there.union(listed, select(col(Contact.id)).where(col(Contact.id).in_(others)))


def _places(session: Session, wanted: Any, today: date) -> defaultdict[int, _At]:
    row = Place
    columns = (row.contact_id, row.account_id, row.influence, row.from_day, row.until_day)
    rows = session.execute(select(*map(col, columns)).where(col(row.contact_id).in_(wanted)))
    found: defaultdict[int, _At] = defaultdict(_At)
    for contact, account, influence, first, last in rows:
        valid = (first is None or first <= today) and (last is None or last >= today)
        found[contact].standing[account].add(influence, valid=valid)
        if valid:
            found[contact].accounts.add(account)
    return found


def _complaints(session: Session, wanted: Any, places: Accounts, today: date) -> tuple[set[int], set[int]]:
    """Accounts and contacts about which a complaint is open."""
    row = Complaint
    rows = session.execute(
        select(col(row.account_id), col(row.contact_id))
        .where(col(row.opened_on) <= today)
        .where(or_(col(row.closed_on).is_(None), col(row.closed_on) > today))
        .where(or_(col(row.account_id).in_(places), col(row.contact_id).in_(wanted)))
    ).all()
    return {account for account, _ in rows}, {contact for _, contact in rows if contact is not None}


def _talks(session: Session, places: Accounts, today: date) -> defaultdict[int, list[Talks]]:
    """Account -> its annual meetings with a date: a strategic one ends with it, a negotiation when agreed."""
    meeting, talk = AnnualMeeting, MeetingRound
    columns = (meeting.account_id, meeting.id, meeting.kind, meeting.agreed_on, talk.day)
    rows = session.execute(
        select(*map(col, columns))
        .join(talk, col(talk.meeting_id) == col(meeting.id))
        .where(col(meeting.account_id).in_(places), col(talk.state) != "cancelled")
        .where(col(talk.day) >= today - FORGOTTEN)
        .order_by(col(meeting.id), col(talk.day))
    )
    days: dict[tuple[Any, ...], list[date]] = defaultdict(list)
    for *of, day in rows:
        days[tuple(of)].append(day)
    found: defaultdict[int, list[Talks]] = defaultdict(list)
    for (account, _, kind, agreed_on, *_), held in days.items():
        agreed = agreed_on if agreed_on is not None and agreed_on <= today else None
        until = agreed if kind == MeetingKind.NEGOTIATION else held[-1]
        found[account].append(Talks(held[0], until))
    return found
