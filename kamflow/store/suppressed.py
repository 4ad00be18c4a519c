"""Whom no import may bring back: known again by keyed hashes, from which nobody can read a name.

A hash is made with the installation's secret, of one thing an import would know the person by: the id in a
source, our key, the e-mail address, the name at an account.
"""

import hashlib
import hmac
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from kamflow.models.account import ExternalReference
from kamflow.models.contact import Contact, Place
from kamflow.models.erasure import Erased, Erasure, Suppression
from kamflow.models.person import Person

_PURPOSE = b"kamflow erased"


@dataclass(frozen=True)
class Identity:
    """What somebody is known by. `names`: (account id, full name); of our people the account is 0."""

    ids: frozenset[tuple[str, str]] = frozenset()
    key: str | None = None
    email: str | None = None
    names: frozenset[tuple[int, str]] = frozenset()


@dataclass(frozen=True)
class Suppressed:
    """Digest -> the erasure it is of, and its day; empty where nobody was erased."""

    kind: Erased
    secret: str
    by_digest: dict[str, tuple[int, date]] = field(default_factory=dict)

    def of(self, identity: Identity) -> tuple[int, date] | None:
        """The erasure of who is known so."""
        if not self.by_digest:
            return None
        known = (self.by_digest.get(each) for each in digests(self.kind, identity, self.secret))
        return next((each for each in known if each is not None), None)


def folded(text: str) -> str:
    """Without case and spare spaces, as imports compare names."""
    return " ".join(text.split()).casefold()


def digests(kind: Erased, identity: Identity, secret: str) -> list[str]:
    """The hashes of all that somebody is known by, the surest first."""
    said = [("id", *each) for each in sorted(identity.ids)]
    said += [("key", identity.key)] if identity.key else []
    said += [("email", folded(identity.email))] if identity.email else []
    said += [("name", str(account), folded(name)) for account, name in sorted(identity.names)]
    return [_digest(secret, (kind.value, *each)) for each in said]


def sure(kind: Erased, identity: Identity, secret: str) -> set[str]:
    """The hashes that are of this person and nobody else: without names."""
    return set(digests(kind, Identity(identity.ids, identity.key, identity.email), secret))


def _digest(secret: str, said: Iterable[str]) -> str:
    text = "\x1f".join(said).encode()
    return hmac.new(hashlib.sha256(_PURPOSE + secret.encode()).digest(), text, hashlib.sha256).hexdigest()


def identity(session: Session, kind: Erased, number: int) -> Identity:
    """What a stored contact or person is known by."""
    reference = ExternalReference
    query = select(col(reference.source), col(reference.external_id)).where(
        col(reference.kind) == kind.value, col(reference.row_id) == number
    )
    ids = frozenset(session.execute(query).tuples().all())
    if kind == Erased.PERSON:
        person = session.get_one(Person, number)
        return Identity(ids, person.key, person.email, frozenset({(0, person.name)}))
    contact = session.get_one(Contact, number)
    places = select(col(Place.account_id)).where(col(Place.contact_id) == number)
    names = frozenset((account, contact.name) for account in session.execute(places).scalars())
    return Identity(ids, contact.key, contact.email, names)


def note(session: Session, erasure: int, found: Collection[str]) -> None:
    """Keep the hashes of an erasure."""
    known = select(col(Suppression.digest)).where(col(Suppression.erasure_id) == erasure)
    new = sorted(set(found) - set(session.execute(known).scalars()))
    if new:
        session.execute(insert(Suppression), [{"erasure_id": erasure, "digest": each} for each in new])


def load(session: Session, kind: Erased, secret: str) -> Suppressed:
    """Everybody of this kind that may not come back."""
    query = (
        select(col(Suppression.digest), col(Erasure.id), col(Erasure.day))
        .join(Erasure, col(Erasure.id) == col(Suppression.erasure_id))
        .where(col(Erasure.kind) == kind.value)
    )
    rows = session.execute(query).tuples()
    return Suppressed(kind, secret, {digest: (number or 0, day) for digest, number, day in rows})


def anybody(session: Session) -> bool:
    """Tell whether anybody may not come back."""
    return session.execute(select(col(Suppression.id)).limit(1)).first() is not None


def lift(session: Session, erasure: int) -> int:
    """Let the person in again; return how many hashes that were."""
    ours = col(Suppression.erasure_id) == erasure
    count = len(session.execute(select(col(Suppression.id)).where(ours)).all())
    session.execute(delete(Suppression).where(ours))
    return count
