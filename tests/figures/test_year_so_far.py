"""The sum of a year's whole parts, and what is said of those that are not known."""

from typing import Any

from kamflow.figures import year_so_far

TODAY = "2026-09-07"


def line(*actual: str | None, as_of: str = "2026-08-31", **more: Any) -> dict[str, Any]:
    """The months from January on; one that is not posted to its end is written `100.00 until 2026-03-10`."""
    parts: list[dict[str, Any]] = []
    for month, each in enumerate(actual, 1):
        amount, _, until = (each or "").partition(" until ")
        part = {"first": f"2026-{month:02d}-01", "last": f"2026-{month:02d}-28", "actual": amount or None}
        part |= {
            "target": "90.00",
            "before": "80.00",
            "as_of": f"2026-{month:02d}-01",
            "until": until or None,
        }
        parts.append(part | more)
    return {"series": "revenue", "parts": parts, "actual": {"as_of": as_of, "source": "sap"}}


def test_a_month_that_is_over_counts_on_whatever_day_it_was_posted() -> None:
    found = year_so_far.summed(line(*["100.00"] * 8, as_of="2026-08-01"), TODAY)

    assert (found["last"], found["actual"], found["target"]) == ("2026-08-28", "800.00", "720.00")
    assert found["as_of"] == "2026-08-01"


def test_the_running_month_is_not_summed() -> None:
    found = year_so_far.summed(line(*["100.00"] * 9), TODAY)
    assert (found["last"], found["actual"], found["as_of"]) == ("2026-08-28", "800.00", "2026-08-01")


def test_months_that_are_missing_between_are_named_and_then_nothing_is_compared() -> None:
    found = year_so_far.summed(line(None, "100.00", None, "50.00 until 2026-04-10", "70.00", None), TODAY)

    assert (found["first"], found["last"], found["actual"]) == ("2026-02-01", "2026-05-28", "170.00")
    assert [part["first"] for part in found["without"]] == ["2026-03-01", "2026-04-01"]
    assert (found["target"], found["before"]) == (None, None)


def test_a_target_is_summed_only_where_all_of_it_is_known() -> None:
    found = year_so_far.summed(line("100.00", "100.00", target=None), TODAY)
    assert (found["actual"], found["target"], found["before"]) == ("200.00", None, "160.00")


def test_of_a_page_from_before_only_what_was_posted_to_the_end_is_whole() -> None:
    old = line("100.00", "100.00", as_of="2026-02-15")
    for part in old["parts"]:
        del part["as_of"], part["until"]

    found = year_so_far.summed(old, TODAY)
    assert (found["last"], found["as_of"]) == ("2026-01-28", "2026-02-15")


def test_of_nothing_there_is_no_sum() -> None:
    found = year_so_far.summed(line(None, None), TODAY)
    assert (found["actual"], found["target"], found["as_of"], found["without"]) == (None, None, None, [])
