"""How rows that a sheet points at are called there: by name where that is one row's only, else by key."""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping

from sqlalchemy import select
from sqlmodel import Session, col

from kamflow.intake.known import folded
from kamflow.models.account import Account
from kamflow.models.contact import Contact, Place
from kamflow.models.person import Department, Person
from kamflow.models.service import Service

_NAMED = (("account", Account), ("person", Person), ("service", Service), ("department", Department))


def load(session: Session) -> dict[str, Mapping[int, str]]:
    """Kind -> row id -> label."""
    contacts = session.execute(select(Contact)).scalars()
    labels: dict[str, Mapping[int, str]] = {"contact": _labels((c.id, c.key, c.name) for c in contacts)}
    for kind, model in _NAMED:
        query = select(col(model.id), col(model.key), col(model.name))
        labels[kind] = _labels(session.execute(query).tuples())
    return labels


def offered(session: Session, accounts: Collection[int] | None) -> dict[str, Collection[int]]:
    """What to choose from in a form about these accounts; all of a kind that is not named."""
    if accounts is None:
        return {}
    places = select(col(Place.contact_id)).where(col(Place.account_id).in_(accounts))
    return {"account": accounts, "contact": set(session.execute(places).scalars())}


def _labels(rows: Iterable[tuple[int | None, str, str]]) -> dict[int, str]:
    known = [(row, key, name) for row, key, name in rows if row is not None]
    called = Counter(folded(name) for _, _, name in known)
    keys = {folded(key): row for row, key, _ in known}
    alone = {
        row for row, _, name in known if called[folded(name)] == 1 and keys.get(folded(name), row) == row
    }
    return {row: name if row in alone and _plain(name) else key for row, key, name in known}


def _plain(name: str) -> bool:
    """Whether a name comes back from a sheet as it went in."""
    return name.isprintable() and name.strip() == name
