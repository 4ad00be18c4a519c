"""What `kamflow why` says of the steps of a survey."""

from datetime import date

import pytest

from kamflow.models.nudge import StoredNudge
from kamflow.store import engine as db
from notifications.render import survey_example as made
from notifications.render.view import NudgeView, PersonView
from notifications.why import explain, text
from tests.notifications.conftest import Office

TODAY = date(2026, 9, 7)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize(
    ("view", "threshold", "closes"),
    [
        (made.wave(), "3 Arbeitstage vor dem Versand der Umfrage", "die Liste als durchgesehen"),
        (made.answer(3), "0 bis 6 von 10 vergeben: 1 Arbeitstag(e)", "die Rückmeldung"),
        (made.answer(7), "7 oder 8 von 10 vergeben: 5 Arbeitstage", "die Rückmeldung"),
        (made.answer(9), "9 oder 10 von 10 vergeben: 5 Arbeitstage für den Dank", "die Rückmeldung"),
        (
            made.call(),
            "keine Antwort auf die Umfrage bei hohem Einfluss: 5 Arbeitstage",
            "eine Antwort da ist",
        ),
    ],
)
def test_each_step_says_its_threshold_and_what_closes_it(
    office: Office, view: NudgeView, threshold: str, closes: str
) -> None:
    own = {name: getattr(view, name) for name in ("rule", "stage", "due_on", "facts", "why")}
    row = office.nudge(office.person(), view.step, **own, closes_by="word")
    reader = PersonView(row.owner_id, "Anna", "de", "Europe/Berlin")
    with db.read(office.engine) as session:
        nudge = session.get_one(StoredNudge, row.id)
        said = "\n".join(text(explain(session, nudge, reader, office.settings, office.clock(), TODAY)))

    assert f"Regel: Umfragen, Schwelle: {threshold}" in said
    assert f"Erledigt, sobald {closes}" in said
