"""A Prefect that is still starting makes one quiet line; one that falls silent later, a warning each time."""

from structlog.testing import capture_logs

from flows.patience import STARTING, Patience


def test_the_start_is_one_line_and_silence_after_an_answer_or_too_long_a_start_is_news() -> None:
    for answers in (True, False):
        at = [1000.0]
        patience = Patience(lambda at=at: at[0])
        with capture_logs() as logs:
            for _ in range(5):
                patience.unanswered("relay.unanswered", "ConnectError", batch=1)
            if answers:
                patience.answered()
            else:
                at[0] += STARTING
            patience.unanswered("relay.unanswered", "ReadTimeout", batch=2)
        assert [(each["log_level"], each["event"], each["cause"]) for each in logs] == [
            ("info", "clock.waits_for_prefect", "ConnectError"),
            ("warning", "relay.unanswered", "ReadTimeout"),
        ]
