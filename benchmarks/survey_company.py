"""The customers of the survey's bench: waves of five contacts each, their links, what was kept of them."""

from datetime import UTC, date, datetime
from pathlib import Path

from pydantic import SecretStr
from sqlalchemy import func, insert
from sqlmodel import Session, col, select

from kamflow.knobs import Survey, Web
from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact
from kamflow.models.event import Event
from kamflow.models.person import Person
from kamflow.models.survey import SurveyAnswer, SurveyInvitation, SurveyRating, SurveyWave
from kamflow.settings import Settings
from kamflow.store import engine as db
from kamflow.store import migrate
from notifications import links

A_WAVE = 5  # people
DIMENSIONS = ["quality", "delivery", "service", "contact", "price"]
NOW = datetime(2026, 9, 7, 8, tzinfo=UTC)
ASKED, CLOSES = date(2026, 9, 1), date(2026, 9, 22)


def settings(folder: Path) -> Settings:
    """Those of a home with SQLite."""
    return Settings(
        home=folder,
        database_url=SecretStr(f"sqlite:///{folder / 'kamflow.db'}"),
        secret_key=SecretStr("a secret of the bench"),
        web=Web(public_url="https://survey.example.com"),
        survey=Survey(objection_address="nein@example.com", legal_details="Beispiel GmbH, Musterweg 1"),
    )


def store(known: Settings, people: int, rounds: int) -> list[list[str]]:
    """Build the database; of each round the tokens of everybody."""
    engine = db.connect(known.url)
    migrate.upgrade(engine)
    accounts = range(1, people // A_WAVE + 2)
    with db.write(engine) as session:
        session.add(Person(id=1, key="witt", name="Jürgen Witt", email="witt@example.com"))
        session.add_all(
            Account(id=each, key=f"K{each}", name=f"Muster {each} AG", country="DE") for each in accounts
        )
        session.flush()
        team = [{"person_id": 1, "account_id": each, "role": "kam"} for each in accounts]
        session.execute(insert(Team), team)
        made = [_waves(session, known, people, at) for at in range(rounds)]
    engine.dispose()
    return made


def _waves(session: Session, known: Settings, people: int, at: int) -> list[str]:
    tokens: list[str] = []
    for number in range(people):
        account, place = divmod(number, A_WAVE)
        if place == 0:
            wave = SurveyWave(
                account_id=account + 1, year_first=date(2026 + at, 1, 1), year_last=date(2026 + at, 12, 31),
                send_on=ASKED, dimensions=DIMENSIONS, created_at=NOW,
            )  # fmt: skip
            session.add(wave)
        key = f"c{at}-{number}"
        contact = Contact(key=key, last_name=f"Kruse {number}", email=f"{key}@example.de", language="de",
                          survey_consent="given")  # fmt: skip
        session.add(contact)
        session.flush()
        asked = SurveyInvitation(wave_id=wave.id, contact_id=contact.id, invited_on=ASKED, closes_on=CLOSES)
        session.add(asked)
        session.flush()
        tokens.append(links.survey_token(links.secret(known), asked.id or 0, 1))
        asked.token_hash = links.hashed(tokens[-1])
    return tokens


def said(at: int) -> dict[str, str | int]:
    """What the person with that number fills in."""
    ratings = {f"expectation-{name}": 8 for name in DIMENSIONS} | {
        f"experience-{name}": at % 11 for name in DIMENSIONS
    }
    return {"version": 0, "score": at % 11, "comment": f"Die Lieferung Nummer {at} kam zu spät.", **ratings}


def lost(known: Settings, rounds: list[list[str]]) -> int:
    """Answers that are not there as they were given, each with its ratings and its one event."""
    engine = db.connect(known.url)
    wanted = {links.hashed(token): at for tokens in rounds for at, token in enumerate(tokens)}
    answer, asked = SurveyAnswer, SurveyInvitation
    with db.read(engine) as session:
        rows = session.execute(
            select(col(asked.token_hash), col(answer.score), col(answer.comment)).join(
                asked, col(answer.invitation_id) == col(asked.id)
            )
        ).all()
        ratings, events = (
            session.execute(select(func.count()).select_from(model)).scalar_one()
            for model in (SurveyRating, Event)
        )
    engine.dispose()
    kept = sum((score, comment) == _words(wanted[token or ""]) for token, score, comment in rows)
    return max(len(wanted) - min(kept, ratings // len(DIMENSIONS), events), events - len(wanted))


def _words(at: int) -> tuple[object, object]:
    form = said(at)
    return form["score"], form["comment"]
