"""What each of Slack's words means, and how long its patience is."""

from types import SimpleNamespace
from typing import Any

import pytest

from kamflow.errors import Ambiguous, DeliveryError, Permanent, Temporary
from notifications.channels import slack_answers as answers
from notifications.channels.slack_answers import POST

READ = "conversations.history"


def refused(method: str, error: str, headers: dict[str, str] | None = None, **more: Any) -> DeliveryError:
    data = {"ok": False, "error": error, **more}
    return answers.refused(method, SimpleNamespace(status_code=200, data=data, headers=headers or {}))


# As Slack documents them, and what somebody has to do about them.
TOKEN = (
    "access_denied accesslimited enterprise_is_restricted invalid_auth missing_scope no_permission "
    "not_allowed_token_type not_authed org_login_required team_access_not_granted token_expired "
    "token_revoked two_factor_setup_required"
)
LATER = "service_unavailable request_timeout team_added_to_org"
PATIENCE = "ratelimited rate_limited message_limit_exceeded"


@pytest.mark.parametrize(
    ("words", "cause"), [(TOKEN, "slack-auth"), (LATER, "slack-failed"), (PATIENCE, "ratelimited")]
)
def test_what_can_be_mended_or_passes_keeps_the_message(words: str, cause: str) -> None:
    for word in words.split():
        for method in (POST, READ):
            meant = refused(method, word)
            assert (word, type(meant), meant.cause) == (word, Temporary, cause)


@pytest.mark.parametrize("word", ["fatal_error", "internal_error"])
def test_a_word_of_doubt_is_one_only_about_a_post(word: str) -> None:
    assert isinstance(refused(POST, word), Ambiguous)
    assert isinstance(refused(READ, word), Temporary)


@pytest.mark.parametrize(
    ("said", "seconds"),
    [("30", 30), ("0", 0), ("0.5", 0.5), ("-1", 1), ("inf", 1), ("nan", 1), ("tomorrow", 1), (None, 1)],
)
def test_slack_is_waited_for_as_long_as_it_says_if_that_is_a_time(said: str | None, seconds: float) -> None:
    meant = refused(POST, "ratelimited", {"Retry-After": said} if said is not None else {})
    assert isinstance(meant, Temporary)
    assert meant.retry_after == seconds


def test_a_refusal_says_where_and_is_cut_before_it_becomes_a_page() -> None:
    places = {"response_metadata": {"messages": ["[ERROR] a", "[ERROR] b", "[ERROR] c", "[ERROR] d"]}}
    assert str(refused(POST, "a_new_error", **places)).endswith("a_new_error [ERROR] a; [ERROR] b; [ERROR] c")

    long = refused(POST, "a_new_error", response_metadata={"messages": ["x" * 1000]})
    assert isinstance(long, Permanent)
    assert len(str(long)) == 500
