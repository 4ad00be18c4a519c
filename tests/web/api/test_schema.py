"""The API against its own description: requests made up from it find no 500 and no undocumented answer."""

from typing import Any

import hypothesis
import pytest
from hypothesis import HealthCheck

from kamflow.web import internal
from tests.web.api.conftest import TOKEN, Teller

EXAMPLES = 25
# What is made up to break the schema may as well be too large.
EXPECTED = {"checks": {"negative_data_rejection": {"expected-statuses": [400, 401, 404, 409, 413, 415, 422]}}}


@pytest.mark.parametrize("mode", ["POSITIVE", "NEGATIVE"])
def test_no_answer_is_an_error_of_ours_or_undocumented(crm: Teller, mode: str) -> None:
    # Seconds of imports, for one of the test processes instead of all.
    import schemathesis
    from schemathesis.specs.openapi.checks import ignored_auth

    schema = schemathesis.openapi.from_asgi(
        "/api/openapi.json", internal.app(crm.visited.site), config=schemathesis.Config.from_dict(EXPECTED)
    )

    @hypothesis.settings(
        max_examples=EXAMPLES, derandomize=True, database=None, suppress_health_check=list(HealthCheck)
    )
    @hypothesis.given(
        schema["/events"]["POST"].as_strategy(generation_mode=schemathesis.GenerationMode[mode])
    )
    def tell(case: Any) -> None:
        case.headers = {**(case.headers or {}), "authorization": f"Bearer {TOKEN}"}
        # It takes our token for one that it made up itself; test_refused.py asks without one.
        case.call_and_validate(excluded_checks=[ignored_auth])

    tell()
