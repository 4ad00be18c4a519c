"""What is told of files: codes and figures in the outbox, words of the reader's language in the mail."""

from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.models.message import StoredMessage
from kamflow.models.source import ImportedFile
from notifications.render import html
from notifications.render.html import RenderedMail
from tests.intake.bringing import rows
from tests.intake.test_drop_folder import Drop, drop, run

TEN = "Nr;Firma\n" + "".join(f"{number};Firma {number}\n" for number in range(10))
__all__ = ["drop"]  # the fixture


def mails(engine: Engine, language: str) -> list[RenderedMail]:
    found = rows(engine, StoredMessage)
    assert {(each.kind, each.template) for each in found} == {("alert", "held_file")}
    return [html.notice(each.template, language, each.facts, "Beispiel GmbH") for each in found]


@pytest.mark.parametrize("language", ["de", "en"])
def test_a_held_file_says_what_to_do_with_it(engine: Engine, tmp_path: Path, drop: Drop, language: str):
    drop("accounts-2026-08.csv", TEN)
    run(engine, tmp_path)
    drop("accounts-2026-09.csv", "".join(TEN.splitlines(keepends=True)[:7]))
    run(engine, tmp_path, 1)

    (mail,) = mails(engine, language)
    assert ".accept" in mail.text
    title = {"de": "6 Zeilen, die Datei davor hatte 10", "en": "6 rows, the file before had 10"}[language]
    assert title in mail.text


def test_a_refused_file_is_told_in_german_where_that_is_read(engine: Engine, tmp_path: Path, drop: Drop):
    drop("accounts.csv", "nothing of this is a column\n1\n")
    run(engine, tmp_path)

    (mail,) = mails(engine, "de")
    assert mail.subject == "erp: abgelehnte Datei berichtigen"
    assert "nichts übernommen" in mail.text
    assert "lief nicht durch" not in mail.text
    assert "nichts geht verloren" not in mail.text.lower()


def test_no_sentence_stands_in_the_facts(engine: Engine, tmp_path: Path, drop: Drop):
    drop("accounts.csv", "nothing of this is a column\n1\n")
    run(engine, tmp_path)

    (message,) = rows(engine, StoredMessage)
    file_id = rows(engine, ImportedFile)[-1].id
    assert message.facts == {"source": "erp", "state": "refused", "file_id": file_id, "day": "2026-09-07"}
