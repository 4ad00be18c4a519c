"""The effect `send_document`: documents of which the facts are kept, and the messages that carry them."""

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import or_, select
from sqlmodel import Session, col

from kamflow.errors import StoreError
from kamflow.models.person import Person
from kamflow.nudge import Effect
from kamflow.store import carried
from kamflow.store.carried import Carried
from kamflow.store.document_kinds import KINDS
from kamflow.store.run import Run


def send_documents(run: Run, effects: Sequence[Effect]) -> None:
    """Write documents; the assistant of whom a copied one is for reads it too.

    Raises:
        StoreError: a document nobody knows.
    """
    assistants = _assistants(run.session, {effect.facts["person"] for effect in effects}, run.today)
    carried.write(run, [_carried(effect, facts, assistants) for effect, facts in _gathered(run, effects)])


def _gathered(run: Run, effects: Sequence[Effect]) -> Iterator[tuple[Effect, dict[str, Any]]]:
    """The facts of each document, those of one kind read together."""
    named = {effect.facts["document"] for effect in effects}
    if unknown := named - KINDS.keys():
        raise StoreError(f"no document {sorted(unknown)}: this is a bug of kamflow, please report")
    for name in sorted(named):
        same = [effect for effect in effects if effect.facts["document"] == name]
        yield from zip(same, KINDS[name].facts(run, same), strict=True)


def _carried(effect: Effect, facts: dict[str, Any], assistants: dict[int, int]) -> Carried:
    asked, kind = effect.facts, KINDS[effect.facts["document"]]
    assistant = assistants.get(asked["person"]) if kind.copied else None
    return Carried(
        document=asked["document"],
        message="document",
        template=kind.template,
        key=effect.key,
        account=effect.account,
        person=asked["person"],
        facts=facts,
        talk=asked.get("round"),
        revision=asked.get("revision"),
        until=date.fromisoformat(asked["day"]) if "day" in asked else None,
        begins=datetime.fromisoformat(begins) if (begins := facts.get("starts_at")) else None,
        copies=() if assistant is None else (assistant,),
    )


def _assistants(session: Session, people: Iterable[int], today: date) -> dict[int, int]:
    """Person -> the assistant, where there is one who has not left."""
    here = select(col(Person.id)).where(or_(col(Person.left_on).is_(None), col(Person.left_on) >= today))
    rows = session.execute(
        select(col(Person.id), col(Person.assistant_id)).where(
            col(Person.id).in_(set(people)),
            col(Person.assistant_id).in_(here),
            col(Person.assistant_id) != col(Person.id),
        )
    )
    return dict(rows.tuples().all())
