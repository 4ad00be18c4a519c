"""All 515 naughty strings as names and topics, from the CSV to the mail and the post.

No string may change another recipient, header, link or block; each must be readable as it was written.
"""

import csv
import json
import re
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime
from email.message import EmailMessage
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlmodel import col

from flows import logs
from kamflow.demo.slack.blocks import problems
from kamflow.intake.importing import run_import
from kamflow.models.account import Account
from kamflow.models.interaction import Interaction
from kamflow.models.person import Person
from kamflow.settings import Settings
from kamflow.store import engine as db
from tests.end_to_end.conftest import Stage

DAY = date(2026, 9, 7)
PLAIN = re.compile(r'\{[\w":,. {}+-]*\}', re.ASCII)
PER_PERSON = 7  # items in one digest: everybody is told of all of theirs


class Structure(HTMLParser):
    """The tags and attributes of a page without its text, and the text by itself."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.links: set[str] = set()
        self.texts: list[str] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.links |= {value or "" for name, value in attrs if name in ("href", "src", "action")}

    def handle_data(self, data: str) -> None:
        self.texts.append(data)


def naughty(shared_data: Callable[[str], Path]) -> list[str]:
    strings = json.loads(shared_data("nasty_blns/blns.json").read_text(encoding="utf-8"))
    assert len(strings) == 515
    return strings


def table(folder: Path, name: str, rows: list[dict[str, object]]) -> None:
    with (folder / f"{name}.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)


def fill(stage: Stage, folder: Path, strings: list[str]) -> None:
    """One account, contact and topic per string; a new KAM for every seven accounts."""
    usable = [(n, text) for n, text in enumerate(strings) if text.strip()]
    people = sorted({n // PER_PERSON for n, _ in usable})
    table(folder, "people", [_person(n) for n in people])
    table(folder, "accounts", [{"key": f"A{n}", "name": text, "class": "A"} for n, text in usable])
    table(
        folder,
        "teams",
        [{"person": f"P{n // PER_PERSON}", "account": f"A{n}", "role": "kam"} for n, _ in usable],
    )
    table(
        folder,
        "contacts",
        [
            {"key": f"C{n}", "last_name": text, "account": f"A{n}", "position": text, "influence": 8}
            for n, text in usable
        ],
    )
    table(
        folder,
        "targets",
        [
            {
                "person": f"P{n // PER_PERSON}",
                "contact": f"C{n}",
                "account": f"A{n}",
                "period": "2026",
                "soll": 12,
                "topic": text,
            }
            for n, text in usable
        ],
    )
    report = run_import(
        stage.world.engine,
        [folder],
        preset="kamflow",
        now=datetime(2026, 9, 1, tzinfo=UTC),
        company=stage.world.settings.company,
    )
    rejected = [(record.row, [problem.expected for problem in record.problems]) for record in report.rejects]
    assert rejected == []


def _person(number: int) -> dict[str, object]:
    channel = "slack" if number % 2 else "email"
    return {
        "key": f"P{number}", "name": f"Person {number}", "email": f"p{number}@example.com", "roles": "kam",
        "language": "de" if number % 3 else "en", "channel": channel,
    }  # fmt: skip


def history(stage: Stage) -> None:
    """An old contact each, so that the cells themselves are told and not the missing data."""
    with db.write(stage.world.engine) as session:
        for account in session.execute(select(Account)).scalars():
            session.add(Interaction(account_id=account.id, day=date(2025, 6, 2), source="crm"))


def everybody(stage: Stage) -> list[Person]:
    with db.read(stage.world.engine) as session:
        return list(session.execute(select(Person).order_by(col(Person.id))).scalars())


def test_naughty_strings_reach_their_reader_literally_and_change_nothing_else(
    stage: Stage, shared_data: Callable[[str], Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    logs.configure(stage.home().now, "json")
    strings = naughty(shared_data)
    (folder := tmp_path / "csv").mkdir()
    fill(stage, folder, strings)
    history(stage)
    stage.world.settings = with_crm(stage)
    people = everybody(stage)
    for person in people:
        stage.on_slack(person)
    stage.night(DAY, "contact_shortfall")

    told = stage.morning(DAY)

    assert (told.delivered.sent, told.delivered.failed) == (len(people), 0)
    assert unplain(capsys.readouterr().err) == []
    by_mail = [person for person in people if person.channel == "email"]
    mails = stage.mails()
    assert sorted(mail["To"].addresses[0].addr_spec for mail in mails) == sorted(p.email for p in by_mail)
    shapes = {shape(mail) for mail in mails}
    assert len(shapes) <= 4, shapes  # language x full or last, shorter list
    for person in by_mail:
        [mail] = stage.mails(person)
        check_mail(mail, own(strings, person))
    for person in people:
        if person.channel == "slack":
            [post] = stage.slack.to(person.email)
            check_post(post.blocks, own(strings, person))


def unplain(log: str) -> list[str]:
    """Lines of the log that hold more than ids, figures and words of ours; none where nothing was logged."""
    lines = log.splitlines()
    assert {json.loads(line)["event"] for line in lines} >= {"run.finished", "message.marked"}
    return [line for line in lines if not PLAIN.fullmatch(line)]


def with_crm(stage: Stage) -> Settings:
    crm = stage.world.settings.crm.model_copy(
        update={"source": "kamflow", "account_url": "https://crm.example.com/a/{id}"}
    )
    return stage.world.settings.model_copy(update={"crm": crm})


def own(strings: list[str], person: Person) -> list[str]:
    start = int(person.key[1:]) * PER_PERSON
    return [text for text in strings[start : start + PER_PERSON] if text.strip()]


def shape(mail: EmailMessage) -> tuple[str, ...]:
    """The names of the headers: nothing a customer is called may add one."""
    return tuple(mail.keys())


def check_mail(mail: EmailMessage, strings: list[str]) -> None:
    page = Structure(mail.get_body(("html",)).get_content())
    assert page.links <= {link for link in page.links if link.startswith("https://crm.example.com/a/")}
    assert "script" not in page.tags
    assert not {"iframe", "object", "form", "input"} & set(page.tags)
    seen = squeeze("".join(page.texts))
    text = squeeze(mail.get_body(("plain",)).get_content())
    for string in strings:
        assert squeeze(string)[:60] in seen
        assert squeeze(string)[:60] in text


def check_post(blocks: list[dict[str, object]], strings: list[str]) -> None:
    assert problems(blocks) == []
    texts = list(said(blocks))
    marked = [text for kind, text in texts if kind == "mrkdwn"]
    assert not any(re.search(r"<[!@#]", text) for text in marked), "a mention was made of customer text"
    links = {link for link in linked(blocks) if not link.startswith("https://crm.example.com/a/")}
    assert not links
    seen = squeeze("".join(unescaped(text) if kind == "mrkdwn" else text for kind, text in texts))
    for string in strings:
        assert squeeze(string)[:40] in seen


def said(part: object) -> Iterator[tuple[str, str]]:
    """Every text of a block with its type: mrkdwn is parsed by Slack, plain_text and text are not."""
    if isinstance(part, dict):
        if isinstance(part.get("text"), str):
            yield part["type"], part["text"]
        for value in part.values():
            yield from said(value)
    elif isinstance(part, list):
        for each in part:
            yield from said(each)


def linked(part: object) -> Iterator[str]:
    if isinstance(part, dict):
        if isinstance(part.get("url"), str):
            yield part["url"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from linked(each)


def unescaped(text: str) -> str:
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")


def squeeze(text: str) -> str:
    """What a reader sees: white space folded, what XML forbids shown as U+FFFD, joiners left out."""
    text = re.sub(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f\ufffe\uffff]", "\ufffd", text)
    return re.sub(r"[\s\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\u00ad\u180e]+", "", text)
