"""Every column that refers to a human, and every one that can hold a text, is decided upon."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import SQLModel

from kamflow.models.contact import Contact
from kamflow.models.person import Person
from kamflow.store import erasing, personal_columns


def test_every_reference_to_a_contact_or_person_is_decided_upon() -> None:
    assert personal_columns.referring() == set(personal_columns.REFERRING), (
        "kamflow/store/personal_columns.py: is the row ABOUT the person, or what they DID?"
    )


def test_every_text_is_decided_upon() -> None:
    groups = [
        personal_columns.spelled_out(each)
        for each in (personal_columns.OF_PEOPLE, personal_columns.FREE, personal_columns.WORDS)
    ]

    assert personal_columns.textual() == set().union(*groups), (
        "kamflow/store/personal_columns.py: can anybody write a name there (FREE), or is it our own (WORDS)?"
    )
    assert sum(map(len, groups)) == len(set().union(*groups)), "a column stands in two groups"


@pytest.mark.parametrize(
    ("model", "gone", "kept"),
    [
        (Contact, erasing.CONTACT_GONE, erasing.CONTACT_KEPT),
        (Person, erasing.PERSON_GONE, erasing.PERSON_KEPT),
    ],
)
def test_every_column_of_a_human_goes_or_stays_for_a_reason(
    model: type[SQLModel], gone: Mapping[str, Any], kept: frozenset[str]
) -> None:
    assert set(model.model_fields) == set(gone) | kept
    assert not set(gone) & kept
