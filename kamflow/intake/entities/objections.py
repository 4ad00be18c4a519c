"""Who has objected to surveys stays objected, whatever a file says that does not know of it yet.

The objection comes from the survey's page, the CRM's export of the next night still says "given". Only a
consent of a later day ends an objection.
"""

from collections.abc import Collection, Iterable
from datetime import date
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.intake.upsert import Wanted, chunks
from kamflow.models.contact import Consent, Contact

RECORD = ("survey_consent", "consent_on", "consent_source", "consent_wording")


def keep(session: Session, wanted: Iterable[Wanted]) -> None:
    """Take out of rows that are to be written what would undo an objection."""
    saying = [
        each for each in wanted if each.row_id is not None and any(name in each.values for name in RECORD)
    ]
    if not saying:
        return
    objected = _objected(session, {each.row_id or 0 for each in saying})
    for each in saying:
        on = objected.get(each.row_id or 0)
        if on is not None and not _ends(each.values, on):
            for name in RECORD:
                each.values.pop(name, None)


def _ends(values: dict[str, Any], objected_on: date) -> bool:
    said, given_on = values.get("survey_consent"), values.get("consent_on")
    if said == Consent.OBJECTED:
        return True
    return said == Consent.GIVEN and given_on is not None and given_on > objected_on


def _objected(session: Session, contacts: Collection[int]) -> dict[int, date]:
    """Contact -> the day of its objection; an unknown one is as old as can be.

    Whoever objects from here on waits until these rows are written, and so has the last word.
    """
    row, found = Contact, dict[int, date]()
    for chunk in chunks(sorted(contacts)):
        query = select(col(row.id), col(row.survey_consent), col(row.consent_on)).where(
            col(row.id).in_(chunk)
        )
        # Not the key: whoever only points at a contact need not wait.
        held = query.order_by(col(row.id)).with_for_update(key_share=True)
        for number, said, on in session.execute(held):
            if said == Consent.OBJECTED:
                found[number] = on or date.min
    return found
