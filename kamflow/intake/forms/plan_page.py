"""What all blocks of a plan's form know: the paper, the language, how days and people are written."""

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import date

from kamflow.intake.forms.plan_paper import Cell, Offers, Paper, box
from kamflow.models.plan import PlanSection
from kamflow.store.plan_form import PlanForm


@dataclass(frozen=True, slots=True)
class Page:
    """One form being written. `token` tells this very form from others; `year` is how people call it."""

    language: str
    currency: str
    year: str
    token: str
    created: date | None = None
    offers: Offers = field(default=lambda _kind: None)
    sheet: Paper | None = None

    def on(self, paper: Paper) -> "Page":
        return replace(self, sheet=paper)

    @property
    def paper(self) -> Paper:
        if self.sheet is None:
            raise ValueError("nothing to draw on yet")
        return self.sheet

    def day(self, day: date | None) -> str:
        if day is None:
            return ""
        return f"{day:%d.%m.%Y}" if self.language == "de" else day.isoformat()

    def named(self, form: PlanForm, people: Iterable[int | None]) -> str:
        return ", ".join(form.people[each] for each in people if each is not None and each in form.people)

    def heads(self, *columns: tuple[int, str]) -> None:
        """A line of column heads: (span, word)."""
        self.paper.line(*(Cell(span, self.paper.word(name), "head") for span, name in columns))

    def source(self, day: date | None, sources: Iterable[str], more: str = "") -> None:
        """Under a table that is only read: where it is from, and of which day."""
        word = self.paper.word
        told = [word("read only"), f"{word('as of')} {self.day(day) or word('no data')}"]
        named = ", ".join(sources)
        told += [f"{word('source')}: {named or word('no data')}"]
        self.paper.line(Cell(12, " · ".join([*told, more] if more else told), "note"))

    def nothing(self) -> None:
        """The line of a table that has none."""
        self.paper.line(Cell(12, self.paper.word("no data"), "label"))

    def written(self, section: PlanSection, span: int, value: str, name: str = "value") -> Cell:
        """A cell that belongs to a section."""
        return box(span, name, value, section.version)
