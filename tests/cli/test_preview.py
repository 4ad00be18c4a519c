import json
from pathlib import Path
from resource import RUSAGE_CHILDREN, getrusage

import pytest

from kamflow.cli.options import Options
from kamflow.cli.preview import preview
from kamflow.errors import InputError, NotFound
from notifications.render import examples
from notifications.render.document import DOCUMENTS
from notifications.render.training_example import plan
from tests.acts.world import Act, World


def test_a_message_is_printed_as_its_text(capsys: pytest.CaptureFixture[str]) -> None:
    preview("contact_shortfall")
    printed = capsys.readouterr().out
    assert printed.startswith("Seit 1. September überfällig: 2 Kontakte, Feinblech Nord GmbH\n")
    assert "2 von 6 Kontakten erfolgt, zuletzt am 12. März" in printed


def test_a_message_in_english_as_json(capsys: pytest.CaptureFixture[str]) -> None:
    preview("digest.return", language="en", common=Options(json=True))
    answer = json.loads(capsys.readouterr().out)
    assert "Welcome back." in answer["text"]
    assert answer["slack"]["blocks"][0]["type"] == "header"


@pytest.mark.parametrize(
    ("name", "start"), [("m.html", "<!doctype html>"), ("m.txt", "Guten Tag"), ("m.json", "{")]
)
def test_a_file_gets_the_part_its_name_asks_for(tmp_path: Path, name: str, start: str) -> None:
    preview("digest", out=tmp_path / name)
    assert (tmp_path / name).read_text(encoding="utf-8").startswith(start)


@pytest.mark.slow
def test_all_writes_every_case_in_both_languages_in_half_a_minute_of_two_cores(tmp_path: Path) -> None:
    began = getrusage(RUSAGE_CHILDREN).ru_utime
    preview(all_=True, out=tmp_path)
    assert getrusage(RUSAGE_CHILDREN).ru_utime - began < 60

    for document, case in (*examples.VIEWS, *examples.NOTICES):
        for name in (f"{document}.{case}.de", f"{document}.{case}.en"):
            assert all((tmp_path / f"{name}{end}").exists() for end in (".html", ".txt", ".slack.json"))
    for document, paper in DOCUMENTS.items():
        for case in paper.cases:
            assert (tmp_path / f"{document}.{case}.de.pdf").exists() == (paper.pdf is not None)


def test_what_does_not_exist_is_refused_with_what_does() -> None:
    with pytest.raises(NotFound, match="there are contact_shortfall, plan_creation, quarterly_controlling"):
        preview("invoice")
    with pytest.raises(NotFound, match="there are daily, return"):
        preview("digest.monthly")


def test_a_folder_or_a_message_must_be_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="--all --out DIR"):
        preview()
    with pytest.raises(InputError, match="--all --out DIR"):
        preview(all_=True)
    with pytest.raises(InputError, match="--watch goes with --all"):
        preview("digest", watch=True)
    with pytest.raises(InputError, match=r"may end in \.html, \.txt"):
        preview("digest", out=tmp_path / "digest.pdf")


def test_what_is_open_at_a_customer_is_shown_to_its_person(kamflow: Act, nudge: Act) -> None:
    example = plan()
    nudge(facts=dict(example.facts), why=dict(example.why), due_on=example.due_on)
    said = kamflow("preview", "plan_creation", "--account", "muster", "--as", "witt", "--language", "de")
    assert said.code == 0
    assert "Muster AG: Accountplan bei Schritt 4 von 7" in said.out
    said = kamflow("preview", "contact_shortfall", "--account", "muster", "--as", "witt")
    assert (said.code, "nothing is open" in said.err) == (2, True)


def test_what_another_command_writes_is_said_with_it(kamflow: Act, world: World) -> None:
    said = kamflow("preview", "account_plan", "--account", "muster", "--as", "witt")
    assert (said.code, "kamflow export plan" in said.err) == (2, True)


def test_nobodys_items_are_shown_to_operations(kamflow: Act, nudge: Act) -> None:
    said = kamflow("preview", "digest", "--account", "muster")
    assert (said.code, "--as PERSON" in said.err) == (2, True)
