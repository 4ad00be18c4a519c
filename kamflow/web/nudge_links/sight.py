"""The nudge of a link as its reader may see it now: open, closed, or with somebody else by now."""

from dataclasses import dataclass, replace

from sqlmodel import Session

from kamflow.acts import day as days
from kamflow.acts import rights
from kamflow.errors import NotFound
from kamflow.models.nudge import StoredNudge
from kamflow.settings import Settings
from kamflow.store import names, nudge_choices, people
from kamflow.store.nudge_choices import Said
from kamflow.web.by_link import Holder
from kamflow.web.site import Site
from notifications import views, ways
from notifications.outbox import Claimed
from notifications.render import letter as letters
from notifications.render.item import Letter
from notifications.render.view import ItemView, NudgesView, NudgeView, PersonView


@dataclass(frozen=True)
class Seen:
    """`glass`: a head of KAM, told in place of who is away. `letter` and `view` are of an open one."""

    row: StoredNudge
    account: str
    kind: str
    glass: bool = False
    view: NudgeView | None = None
    letter: Letter | None = None
    closed: Said | None = None
    given_to: str | None = None


def see(session: Session, site: Site, holder: Holder) -> Seen | None:
    """The nudge; None where it is not the reader's any more.

    Raises:
        NotFound: there is none.
    """
    row = session.get(StoredNudge, holder.about)
    if row is None:
        raise NotFound(f"no nudge {holder.about}")
    glass = False
    if holder.person not in rights.sees(session, row):
        glass = _in_place(session, site, holder, row)
        if not glass:
            return None
    known = names.load(
        session,
        persons=[row.assignee_id] if row.assignee_id else (),
        accounts=[row.account_id] if row.account_id else (),
    )
    account = known.accounts.get(row.account_id or 0)
    given = known.persons.get(row.assignee_id or 0) if row.assignee_id != holder.person else None
    view, letter = _told(session, site, holder, row) if row.closed_at is None else (None, None)
    return Seen(
        row,
        account.name if account else "",
        letters.kind(row.rule, holder.language),
        glass,
        view,
        letter,
        nudge_choices.said_done(session, row),
        given,
    )


def _in_place(session: Session, site: Site, holder: Holder, row: StoredNudge) -> bool:
    """Whether a head stands in for who is away today: then they were told, and may act."""
    asked = row.assignee_id or row.owner_id
    company, today = site.settings.company, holder.today
    if not rights.is_head(session, holder.person, today):
        return False
    everybody = people.load(session, company, today - days.AROUND, today + days.AROUND)
    there = (each for each in everybody.stand_ins(asked) if everybody[each].works(today))
    return everybody[asked].absent(today) and next(there, None) == holder.person


def _told(
    session: Session, site: Site, holder: Holder, row: StoredNudge
) -> tuple[NudgeView | None, Letter | None]:
    """The nudge in the words of its message."""
    settings, number = site.settings, row.id or 0
    known = views.load(session, [_message(number, holder)], settings, holder.now)
    content = known.contents.get(number)
    if content is None:
        return None, None
    view = views.nudge_view({"reason": "opened"}, content)
    reader = holder.reader
    drafts = {talk: message for (person, talk), message in known.drafts.items() if person == reader.id}
    found = ways.to_nudges(_reached(settings), reader, [view], known.names, drafts, holder.now)
    # A list to strike from is on this very page.
    here = replace(found, pages={}) if (row.rule, row.step) == ("survey_dispatch", "list") else found
    told = NudgesView(
        recipient=PersonView(reader.id, reader.name, reader.language, reader.zone),
        day=holder.today,
        items=(ItemView((view,)),),
        names=known.names,
        company=settings.company.name,
        account_url=settings.crm.account_url,
        currency=settings.company.currency,
        ways=here,
    )
    return view, letters.letter(told)


def _reached(settings: Settings) -> Settings:
    """Settings by which links of a page lead to where the page is."""
    if settings.web.internal_url is not None:
        return settings
    return settings.model_copy(update={"web": settings.web.model_copy(update={"internal_url": "/"})})


def _message(nudge: int, holder: Holder) -> Claimed:
    """A message that was never stored: what looks up the names asks for one."""
    line = {"id": nudge, "reason": "opened", "number": 1, "for_person": None}
    facts = {"day": holder.today.isoformat(), "occasion": "now", "items": [{"nudges": [line]}], "more": 0}
    return Claimed(
        id=0, key="page", kind="nudges", channel="email", template="now", facts=facts, person=holder.person,
        contact=None, priority=0, attempt=0, mail_id=None, instead_of=None, until=holder.now, unsure=False,
    )  # fmt: skip
