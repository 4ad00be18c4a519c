"""Documents with made-up facts of their own, for `kamflow preview`, for designers and for tests.

Whoever makes a document adds one row to `DOCUMENTS`, from the module of its examples:

    "briefing": Paper(("one", "many", "missing"), briefing_example.pdf),

where `pdf(case, language)` gives the bytes, with the default `House()`. What comes beside the PDF, such as
.xlsx or .svg, comes from `files(case, language)` as (suffix, content); a suffix begins with a dot, and a file
is then called `<document>.<case>.<language><suffix>`. The mail of a document is an example of its own in
`examples.py`.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass

from notifications.render import briefing_example, entry_example, folder_example, plan_example, report_example

Pdf = Callable[[str, str], bytes]
Files = Callable[[str, str], Iterable[tuple[str, bytes]]]


@dataclass(frozen=True, slots=True)
class Paper:
    """What a document looks like with the facts of each case."""

    cases: tuple[str, ...]
    pdf: Pdf | None = None
    files: Files | None = None

    def parts(self, case: str, language: str) -> Iterator[tuple[str, bytes]]:
        """Suffix and content of each file of a case."""
        if self.pdf:
            yield ".pdf", self.pdf(case, language)
        if self.files:
            yield from self.files(case, language)


DOCUMENTS: Mapping[str, Paper] = {
    "quarterly_report": Paper(tuple(report_example.CASES), report_example.pdf, report_example.files),
    "briefing": Paper(tuple(briefing_example.CASES), briefing_example.pdf),
    "account_plan": Paper(tuple(plan_example.CASES), plan_example.pdf),
    "customer_folder": Paper(tuple(folder_example.CASES), folder_example.pdf, folder_example.files),
    "calendar_entry": Paper(tuple(entry_example.TALKS), files=entry_example.talk),
    "hand_in_entry": Paper(tuple(entry_example.PLANS), files=entry_example.plan),
    "calendar_feed": Paper(("one", "empty"), files=entry_example.due_dates),
}
