"""What somebody reads who asks what is stored of them: one page in plain words."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from notifications.render.environment import environment
from notifications.render.formats import Formats


def summary(facts: Mapping[str, Any], language: str, company: str, day: date) -> str:
    """The page as Markdown; `facts` as `kamflow person export` writes them."""
    words: Any = environment(language).get_template("person_data/summary.md.j2").module
    return words.summary(facts, company, Formats(language, day).dated(day)).strip() + "\n"
