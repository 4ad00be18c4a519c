"""The briefing's form, out and in again: Muster AG is met on 21 September, today is 7 September 2026."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import Engine, select, update
from sqlmodel import col

from kamflow.acts import briefing as acts
from kamflow.acts import meeting as meetings
from kamflow.errors import NotAllowed, Refused
from kamflow.models.event import Event
from kamflow.models.meeting import MeetingRound
from kamflow.models.plan import Measure
from kamflow.store.engine import read, write
from tests.intake.bringing import counts
from tests.intake.filling import cells
from tests.intake.forms.briefing_filling import M, act, exported, fill, notes, problems
from tests.intake.training import TRAP


def release_of(engine: Engine) -> date | None:
    with read(engine) as session:
        return session.execute(select(col(MeetingRound.released_on))).scalar_one()


def happened(engine: Engine) -> list[str]:
    with read(engine) as session:
        names = session.execute(select(col(Event.name))).scalars()
        return sorted(name[9:] for name in names if name.startswith("briefing."))


def test_the_form_shows_each_line_with_its_date_and_source(office: Engine, form: Path) -> None:
    sheets, english = cells(form), cells(exported(office, form.with_name("en.xlsx"), "en"))

    assert list(sheets)[:3] == ["Zeilen", "Punkte", "Freigabe"]
    shown = {row[0]: row[1:6] for row in sheets["Zeilen"][4:]}
    assert shown["measure.12"] == ["Preisliste; wir", date(2026, 9, 30), "kamflow", "", ""]
    assert shown["measure.13"][0] == f"{TRAP}; wir"
    assert english["Lines"][5][:2] == ["measure.12", "Preisliste; our side"]
    [paul] = [row for name, row in shown.items() if name.startswith("contact.")]
    assert paul[:3] == ["Paul; Einfluss unbekannt", "", "unbekannt"]
    assert [row[0] for row in sheets["Punkte"][4:]] == [
        "Ansprechen 1", "Ansprechen 2", "Ansprechen 3", "Fragen", "Nicht ansprechen",
    ]  # fmt: skip
    assert sheets["Freigabe"][4][:3] == ["Muster AG", M, ""]


def test_what_is_filled_in_is_done_and_the_second_time_nothing(office: Engine, form: Path) -> None:
    said = {
        "measure_12__strike": "x",
        "measure_13__correct": " erst ab Mai ",
        "raise_1": "Zweites Werk",
        "ask_1": TRAP,
        "release": "X",
    }
    first, again = fill(office, form, **said), fill(office, form, **said)

    assert counts(first, "briefing") == (0, 5, 4, 0)
    assert counts(again, "briefing") == (0, 0, 9, 0)
    assert notes(office) == [
        ("strike", "measure.12"),
        ("correct", "measure.13"),
        ("raise", "Zweites Werk"),
        ("ask", TRAP),
    ]
    assert release_of(office) == date(2026, 9, 7)
    assert happened(office) == ["corrected", "noted", "noted", "released", "struck"]


def test_an_untouched_form_changes_nothing(office: Engine, form: Path) -> None:
    act(office, acts.strike, "measure.12")
    report = fill(office, form)

    assert counts(report, "briefing")[3] == 0
    assert notes(office) == [("strike", "measure.12")]


def test_what_was_noted_is_changed_and_taken_back(office: Engine, tmp_path: Path) -> None:
    act(office, acts.strike, "measure.12")
    act(office, acts.correct, "measure.13", "früher")
    act(office, acts.point, "raise", "eins")
    act(office, acts.point, "raise", "zwei")
    act(office, acts.point, "avoid", "Preise")
    form = exported(office, tmp_path / "later.xlsx")
    said = {"measure_12__strike": "", "measure_13__correct": "", "raise_1": "drei", "avoid_1": ""}

    first, again = fill(office, form, **said), fill(office, form, **said)

    assert notes(office) == [("raise", "zwei"), ("raise", "drei")]
    assert (first.rejected, again.rejected, again.changes) == (0, 0, 0)


def test_a_line_that_changed_meanwhile_comes_back_with_both_values(office: Engine, form: Path) -> None:
    with write(office) as session:
        session.execute(update(Measure).where(col(Measure.id) == 12).values(title="Neue Preise"))
    report = fill(office, form, measure_12__correct="stimmt", measure_13__strike="x")

    assert problems(report) == [
        (
            "Korrektur (F6)",
            "stimmt",
            "the line as it was: 'Preisliste; wir (2026-09-30, kamflow)';"
            " kamflow says 'Neue Preise; wir (2026-09-30, kamflow)' meanwhile",
        )
    ]
    assert notes(office) == [("strike", "measure.13")]


def test_a_line_that_is_gone_comes_back(office: Engine, form: Path) -> None:
    with write(office) as session:
        session.execute(update(Measure).where(col(Measure.id) == 12).values(done_on=date(2026, 9, 1)))
    [(column, value, expected)] = problems(fill(office, form, measure_12__strike="x"))

    assert (column, value) == ("Streichen (x) (E6)", "x")
    assert expected.endswith("is no longer on it")


def test_what_was_noted_elsewhere_meanwhile_comes_back_with_both_values(office: Engine, form: Path) -> None:
    act(office, acts.correct, "measure.12", "von der Seite")
    act(office, acts.point, "ask", "Wer entscheidet?")
    report = fill(office, form, measure_12__correct="aus dem Blatt", ask_1="Wann?")

    assert [expected for _, _, expected in problems(report)] == [
        "'nothing' as when the form was written; kamflow has 'von der Seite' meanwhile",
        "'nothing' as when the form was written; kamflow has 'Wer entscheidet?' meanwhile",
    ]


def test_a_fourth_point_and_an_unknown_cross_come_back_by_cell(office: Engine, form: Path) -> None:
    for text in ("eins", "zwei", "drei"):
        act(office, acts.point, "raise", text)
    report = fill(office, form, raise_1="vier", measure_12__strike="weg")

    assert [(column, value) for column, value, _ in problems(report)] == [
        ("Streichen (x) (E6)", "weg"),
        ("Text (B5)", "vier"),
    ]
    assert "3 points are on it" in problems(report)[1][2]


def test_nothing_is_released_with_rows_that_came_back_or_after_a_move(office: Engine, form: Path) -> None:
    report = fill(office, form, measure_12__strike="weg", release="x")
    assert problems(report)[1][2] == "a form without rows that came back: mend those first"

    act(office, meetings.move, date(2026, 9, 28))
    [(_, _, expected)] = problems(fill(office, form, release="x"))
    assert expected == "the date of the form: the meeting was moved to 2026-09-28 meanwhile"
    assert release_of(office) is None


def test_a_release_is_not_taken_back_by_an_empty_cell(office: Engine, tmp_path: Path) -> None:
    act(office, acts.release)
    form = exported(office, tmp_path / "released.xlsx")

    [(column, _, expected)] = problems(fill(office, form, release=""))

    assert (column, expected[:3]) == ("Freigeben (x) (C5)", "x: ")
    assert release_of(office) == date(2026, 9, 7)


def test_only_the_kam_hands_it_in_and_by_name(office: Engine, form: Path) -> None:
    with pytest.raises(NotAllowed, match="say who acts"):
        fill(office, form, actor=None, measure_12__strike="x")
    with pytest.raises(NotAllowed, match="only the KAM of Muster AG"):
        fill(office, form, actor="fremd", measure_12__strike="x")
    assert notes(office) == []


def test_a_form_of_a_meeting_that_is_over_is_refused(office: Engine, form: Path) -> None:
    with write(office) as session:
        session.execute(update(MeetingRound).values(state="cancelled"))
    with pytest.raises(Refused, match="no annual meeting of Muster AG is booked"):
        fill(office, form, measure_12__strike="x")
