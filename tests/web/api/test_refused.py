"""Who may not tell, and what is no event: refused in JSON, logged without the token, nothing changed."""

import pytest
from structlog.testing import capture_logs

from kamflow.web.api import app as api
from kamflow.web.api.envelope import BATCH
from kamflow.web.guard import LARGEST
from tests.web.api.conftest import TOKEN, Teller
from tests.web.api.test_events import VISIT


@pytest.mark.parametrize("token", [None, "", "guessed", TOKEN[:-1], TOKEN + "x"])
def test_without_a_source_s_token_nothing_is_taken(crm: Teller, token: str | None) -> None:
    crm.token = token
    with capture_logs() as logs:
        answer = crm.tell("interaction.held", VISIT)

    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="kamflow"')
    assert answer.headers["content-type"] == "application/problem+json"
    assert not token or token not in str(logs)
    assert crm.happened() == []


def test_who_guesses_tokens_has_to_wait_and_others_do_not(crm: Teller) -> None:
    crm.token = "wrong"
    seen = [crm.tell("interaction.held", VISIT).status_code for _ in range(21)]
    waits = crm.tell("interaction.held", VISIT)
    crm.token = TOKEN

    assert (seen[0], seen[-1]) == (401, 429)
    assert int(waits.headers["retry-after"]) > 0
    assert crm.tell("interaction.held", VISIT).status_code == 200


def test_a_source_that_tells_too_much_has_to_wait(crm: Teller, monkeypatch: pytest.MonkeyPatch) -> None:
    from limits import parse

    from kamflow.web import limits

    monkeypatch.setattr(limits, "EVENTS", parse("2 per minute"))
    told = [crm.event("interaction.held", VISIT | {"id": f"v-{at}"}) for at in range(3)]

    assert crm.send(told, BATCH).status_code == 429
    assert crm.happened() == []


@pytest.mark.parametrize(
    ("body", "media", "status"),
    [
        (b"", "application/cloudevents+json", 400),
        (b"{", "application/cloudevents+json", 400),
        (b"[" * 30_000, "application/cloudevents+json", 400),
        (b"\xff\xfe", "application/cloudevents+json", 400),
        (b'{"id": NaN}', "application/cloudevents+json", 400),
        (b'{"id": "\\ud800"}', "application/cloudevents+json", 400),
        (b"[]", "application/cloudevents+json", 400),
        (b"[]", "application/cloudevents-batch+json", 400),
        (b"7", "application/json", 400),
        (b"{}", "application/json", 422),
        (b"{}", "application/xml", 415),
        (b"{}", "", 415),
        (b" " * (LARGEST + 1), "application/json", 413),
    ],
)
def test_what_is_no_event_is_refused_in_json(crm: Teller, body: bytes, media: str, status: int) -> None:
    answer = crm.send(body, media)

    assert (answer.status_code, answer.headers["content-type"]) == (status, "application/problem+json")


def test_other_addresses_and_methods_answer_in_json_too(crm: Teller) -> None:
    browser = crm.visited.inside()

    assert browser.get("/api/nothing").json()["status"] == 404
    answer = browser.get("/api/events")
    assert (answer.json()["status"], answer.headers["allow"]) == (405, "POST")


def test_the_description_is_public_and_names_every_event(crm: Teller) -> None:
    described = crm.visited.inside().get("/api/openapi.json").json()
    page = crm.visited.inside().get("/api/docs").text

    for kind in described["components"]["schemas"]["Event"]["discriminator"]["mapping"]:
        assert f'id="{kind}"' in page
    assert set(described["paths"]) == {"/events"}
    assert described["paths"]["/events"]["post"]["security"] == [{"token": []}]


def test_no_other_listener_takes_events(crm: Teller) -> None:
    assert crm.visited.outside().post(f"{api.AT}/events").status_code == 404
