"""What holds for every rule, whatever it is told. The facts of each are in cases.py."""

from collections.abc import Sequence
from datetime import date, timedelta
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kamflow.rules
from kamflow.nudge import Decision, Nudge, Silence
from kamflow.policy import Policy
from tests.properties.cases import CASES, Case

POLICY = Policy()
every_rule = pytest.mark.parametrize("case", CASES, ids=lambda case: case.rule)


def decided(case: Case, rows: Sequence[Any], day: date) -> Decision:
    return import_module(f"kamflow.rules.{case.rule}").decide(case.facts(rows), day, POLICY)


def silences(case: Case, rows: Sequence[Any], day: date) -> list[Silence]:
    return list(import_module(f"kamflow.rules.{case.rule}").silent(case.facts(rows), day, POLICY))


def test_no_rule_is_left_out() -> None:
    folder = Path(kamflow.rules.__path__[0])
    assert {path.stem for path in folder.glob("[!_]*.py")} == {case.rule for case in CASES}


@every_rule
@given(data=st.data(), seed=st.randoms())
def test_the_order_of_rows_does_not_matter(case: Case, data: st.DataObject, seed: Any) -> None:
    rows, day = data.draw(case.rows), data.draw(case.days)
    mixed = [case.mixed(row, seed) for row in seed.sample(rows, len(rows))]
    one, other = decided(case, rows, day), decided(case, mixed, day)

    assert {n.identity: n.fingerprint for n in one.nudges} == {
        n.identity: n.fingerprint for n in other.nudges
    }
    assert {e.key: e.facts for e in one.effects} == {e.key: e.facts for e in other.effects}
    assert said(silences(case, rows, day)) == said(silences(case, mixed, day))


def said(found: list[Silence]) -> list[str]:
    return sorted(map(repr, found))


@every_rule
@given(data=st.data())
def test_every_fact_is_decided_or_silent_with_a_reason(case: Case, data: st.DataObject) -> None:
    rows, day = data.draw(case.rows), data.draw(case.days)
    decision, quiet = decided(case, rows, day), silences(case, rows, day)

    wanted = set().union(*(case.asks(row) for row in rows))
    assert wanted <= case.said(decision, quiet)
    assert all(each.reason and (each.until is None or each.until > day) for each in quiet)


@every_rule
@given(data=st.data())
def test_what_is_decided_has_an_identity_of_its_own(case: Case, data: st.DataObject) -> None:
    decision = decided(case, data.draw(case.rows), data.draw(case.days))

    assert len({nudge.identity for nudge in decision.nudges}) == len(decision.nudges)
    assert len({effect.key for effect in decision.effects}) == len(decision.effects)
    assert all(nudge.since <= nudge.due_on for nudge in decision.nudges)


@every_rule
@given(data=st.data(), later=st.integers(1, 120))
def test_a_day_of_delay_never_closes_a_nudge_while_no_date_of_the_subject_passes(
    case: Case, data: st.DataObject, later: int
) -> None:
    rows, day = data.draw(case.rows), data.draw(case.days)
    open_now = decided(case, rows, day).nudges
    ends = {nudge.identity: case.ends(row_of(case, rows, nudge), nudge) for nudge in open_now}

    for days in (*range(1, 32), later):
        then = day + timedelta(days=days)
        still = {nudge.identity for nudge in decided(case, rows, then).nudges}
        assert {identity for identity, end in ends.items() if then < end} <= still


def row_of(case: Case, rows: Sequence[Any], nudge: Nudge) -> Any:
    [row] = [row for row in rows if case.concerns(row, nudge)]
    return row
