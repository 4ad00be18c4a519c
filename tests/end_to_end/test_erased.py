"""Who was erased is nowhere any more: not in the database, the outbox, logs, Prefect's data or files.

A home at work: a contact and a colleague who left came by import files, were met, asked, written about, named
in mails and posts, while Prefect ran the flows. Then every byte of the home is searched.
"""

import base64
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote

import httpx
import pytest
from sqlalchemy import select, update
from sqlmodel import col

from kamflow.demo.slack.workspace import Post
from kamflow.models.account import Account, Team
from kamflow.models.contact import Contact
from kamflow.models.message import StoredMessage
from kamflow.models.person import Person
from kamflow.models.plan import AccountPlan, Measure, PlanSection
from kamflow.models.survey import SurveyAnswer
from kamflow.models.training import Complaint
from kamflow.store import engine as db
from tests.end_to_end.whole_home import NOW, SECRETS, WholeHome, at_work
from tests.flows.prefect_api import environment, eventually
from tests.web.browser import OWN

pytestmark = pytest.mark.slow

DAY = NOW.date()
CONTACT, COLLEAGUE = "Überschär", "Großmann"
WORDS = (
    CONTACT, "Ueberschaer", COLLEAGUE, "Grossmann", "goetz.u@kunde.example", "b.gm@firma.example", "C-4711x",
)  # fmt: skip
FILES = {
    "people": "key;name;email;left_on\nbirgit;Birgit Großmann;b.gm@firma.example;2026-06-30\n",
    "contacts": "key;id;account;first_name;last_name;email;phone;influence\n"
    "goetz;C-4711x;Muster 0 AG;Götz;Überschär;goetz.u@kunde.example;+49 89 4711;9\n"
    "bad;;Muster 0 AG;Götz;Überschär;goetz.u@kunde.example;;eleven\n",
    "targets": "person;contact;period;soll\nwitt;C-4711x;2026;12\nanna;C-4711x;2026;12\n",
    "interactions": "id;account;contacts;people;day\nI-1;Muster 0 AG;C-4711x;birgit;2026-05-04\n",
}


def forms(word: str) -> Iterator[bytes]:
    """A word as it may lie in a file, in any of the ways in which programs write text."""
    for spelled in {word, word.lower(), word.upper(), word.casefold()}:
        yield from (spelled.encode(), spelled.encode("utf-16-le"), quote(spelled).encode())
        yield spelled.encode("latin-1")
        yield spelled.encode("unicode_escape").replace(b"\\x", b"\\u00")
        for cut in range(3):  # base64 of it, wherever in a text it begins
            coded = base64.b64encode(b"\0" * cut + spelled.encode())
            yield coded[4 if cut else 0 : -4]


def found(folder: Path) -> list[str]:
    """Every file of a home in which one of the words stands."""
    wanted = [(word, form) for word in WORDS for form in forms(word)]
    return [
        f"{path.relative_to(folder)}: {word} as {form!r}"
        for path in sorted(folder.rglob("*"))
        if (content := read(path))
        for word, form in wanted
        if form in content
    ]


def read(path: Path) -> bytes:
    """What stands there. A home at work may take a file away while it is looked for."""
    with suppress(FileNotFoundError, IsADirectoryError):
        return path.read_bytes()
    return b""


def kamflow(whole: WholeHome, *tokens: str) -> str:
    known = SECRETS | {"KAMFLOW_NOW": whole.begun}
    answer = subprocess.run(
        [sys.executable, "-m", "kamflow.cli.app", *tokens], env=environment(whole.folder, **known),
        capture_output=True, text=True, check=False, timeout=120,
    )  # fmt: skip
    assert answer.returncode == 0, answer.stdout + answer.stderr
    return answer.stdout


def flow(whole: WholeHome, name: str, key: str = "1") -> None:
    """A real run by Prefect, to its end."""
    deployment = whole.prefect.deployment(f"{name}/kamflow")["id"]

    def asked() -> str | None:
        # Prefect's server answers 503 now and then on SQLite; the same key again is safe.
        with suppress(httpx.HTTPError):
            said = {"idempotency_key": f"{name}:{key}", "parameters": {"as_of": DAY.isoformat()}}
            return whole.prefect.call(f"/deployments/{deployment}/create_flow_run", **said)["id"]
        return None

    run = eventually(f"{name} is asked for", asked) or ""

    def ended() -> bool:
        with suppress(httpx.HTTPError):
            return whole.prefect.state(run) == "COMPLETED"
        return False

    eventually(f"{name} has run", ended, 180)


def written(whole: WholeHome) -> None:
    """What people wrote about the two."""
    engine = db.connect(whole.settings.url)
    with db.write(engine) as session:
        account = session.execute(select(col(Account.id)).order_by(col(Account.id))).scalars().first() or 0
        goetz = session.execute(select(Contact).where(col(Contact.key) == "goetz")).scalar_one()
        birgit = session.execute(select(Person).where(col(Person.key) == "birgit")).scalar_one()
        year = {"year_first": DAY.replace(month=1, day=1), "year_last": DAY.replace(month=12, day=31)}
        plan = AccountPlan(account_id=account, author_id=birgit.id, comment="Von Frau Großmann", **year)
        session.add(plan)
        session.flush()
        body = {"body": "Herr Ueberschaer entscheidet, ÜBERSCHÄR prüft.", "answers": {"a": "Götz Überschär"}}
        session.add(PlanSection(plan_id=plan.id or 0, number=8, **body))
        session.add(
            Measure(
                account_id=account, title="Überschär anrufen", due_on=DAY, moved_reason="B. Großmann krank"
            )
        )
        session.add(
            Complaint(account_id=account, contact_id=goetz.id, subject="Überschärs Lieferung", opened_on=DAY)
        )
        session.add(Team(person_id=birgit.id or 0, account_id=account, role="core", until_day=birgit.left_on))
    engine.dispose()


def told(whole: WholeHome) -> list[Post]:
    return [post for post in whole.posts() if CONTACT in f"{post.text}{post.blocks}"]


def answers(whole: WholeHome) -> list[tuple[int | None, str | None]]:
    engine = db.connect(whole.settings.url)
    with db.read(engine) as session:
        rows = session.execute(select(col(SurveyAnswer.score), col(SurveyAnswer.comment))).tuples().all()
    engine.dispose()
    return list(rows)


def at_home(whole: WholeHome) -> None:
    """All that happens to the two before they are erased."""
    inbox = whole.folder / "inbox" / "kamflow"
    inbox.mkdir(parents=True)
    engine = db.connect(whole.settings.url)
    with db.write(engine) as session:
        account = session.execute(select(col(Account.id)).order_by(col(Account.id))).scalars().first()
        anna = Person(key="anna", name="Anna", email="anna@example.com")
        session.add(anna)
        session.flush()
        session.add(Team(person_id=anna.id or 0, account_id=account or 0, role="kam"))
        who = update(Contact).values(first_name="Götz", last_name=CONTACT, email="goetz.u@kunde.example")
        session.execute(who)
    engine.dispose()
    for name, text in FILES.items():
        (inbox / f"{name}.csv").write_text(text, encoding="utf-8")
    flow(whole, "intake")
    written(whole)
    said = {"version": "0", "score": "2", "comment": "Fragen Sie Götz Überschär, goetz.u@kunde.example"}
    assert httpx.post(whole.public + whole.links[0], data=said, headers=OWN, timeout=30).status_code == 303
    for name in ("contact-shortfall", "measure-followup", "plan-creation"):
        flow(whole, name)


def test_nothing_is_left_of_who_was_erased(tmp_path: Path) -> None:
    with at_work(tmp_path) as whole:
        at_home(whole)
        eventually("the KAM reads the name in Slack", lambda: told(whole), 60)
        eventually("it went out by mail", lambda: whole.smtp.to("anna@example.com"), 60)
        places = {line.partition("/")[0].partition(".")[0] for line in found(tmp_path)}
        assert places >= {"kamflow", "done", "rejects"}  # the database, and what was imported

        for who in ("goetz", "birgit"):
            kamflow(whole, "person", "erase", who, "--yes", "--replace", "--files")

        eventually("the posts are without the name", lambda: not told(whole), 60)
        assert answers(whole) == [(2, None)]
        kinds = {row.kind: row.state for row in whole.rows(StoredMessage)}
        assert kinds["redaction"] == "sent"
        flow(whole, "contact-shortfall", "2")
        kamflow(whole, "person", "erase", "--vacuum")

    assert found(tmp_path) == []
