"""What docs/events.md shows can be sent as it stands there."""

import json
import re
from datetime import date
from pathlib import Path

from kamflow.models.account import ExternalReference
from kamflow.web import internal
from kamflow.web.api import problems
from kamflow.web.api.envelope import SINGLE
from kamflow.web.api.page import events
from tests.web.api.conftest import TOKEN, Teller

PAGE = Path(__file__).parents[3] / "docs" / "events.md"
EXAMPLE = re.compile(r"<!-- example -->\n```json\n(.*?)```", re.DOTALL)


def test_every_example_is_taken_and_its_answer_is_as_described(crm_on_both: Teller) -> None:
    import schemathesis  # here, see test_schema.py

    crm = crm_on_both
    world, rows = crm.visited.world, crm.rows
    measure = world.measure(rows["account"], date(2026, 9, 30))
    for kind, external, row in (
        ("account", "A-1", rows["account"].id),
        ("contact", "C-20", rows["place"].contact_id),
        ("measure", "T-5", measure.id),
    ):
        world.add(ExternalReference(source="crm", kind=kind, external_id=external, row_id=row))
    app = internal.app(crm.visited.site)
    operation = schemathesis.openapi.from_asgi("/api/openapi.json", app)["/events"]["POST"]
    told = [json.loads(each) for each in EXAMPLE.findall(PAGE.read_text())]

    for event in told:
        headers = {"authorization": f"Bearer {TOKEN}"}
        answer = operation.Case(body=event, media_type=SINGLE, headers=headers).call()
        assert (answer.status_code, answer.json().get("outcome")) == (200, "done"), answer.text
        operation.validate_response(answer)
    assert {each["type"] for each in told} == {each.name for each in events()}


def test_the_page_names_every_problem() -> None:
    ours = set(problems.KINDS) - {"no-such-page", "no-such-method"}

    assert ours == {name for name in ours if f"`{name}`" in PAGE.read_text()}
