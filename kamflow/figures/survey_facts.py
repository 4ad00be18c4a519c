"""What the rule `survey_dispatch` is told of one account and fiscal year."""

from dataclasses import dataclass
from datetime import date

from kamflow.figures.deadline import Asked
from kamflow.figures.survey_governor import Candidate
from kamflow.periods import Period
from kamflow.workdays import Calendar, Quiet


@dataclass(frozen=True, slots=True)
class Invitation:
    """A contact on the list of a wave, as it is today (also who has lost the place since).

    `invited_on`: the day on which the mail left, or is to leave: of one that waits, today at the earliest.
    `answered_on`: the local day of the
    last change of the answer, with the `score` of that day. `replied_on`, `called_on`: words on the steps
    `answer` and `call`. `again`: a mail was made and called back by its check, so another one may follow;
    `unsent`: one was made and never left, and it takes a person to send it (a reason of a `Silence`).
    """

    who: Candidate
    invited_on: date | None = None
    answered_on: date | None = None
    score: int | None = None
    replied_on: date | None = None
    called_on: date | None = None
    again: bool = False
    unsent: str | None = None


@dataclass(frozen=True, slots=True)
class Wave:
    """One survey of one account, with its list. `send_on` was fixed when it was put together.

    `listed_on`: the word on step `list`: the KAM looked through it. `stopped`: it was called off.
    `imported`: it was held elsewhere; there are only answers to reply to.
    """

    id: int
    send_on: date
    invitations: tuple[Invitation, ...] = ()
    listed_on: date | None = None
    stopped: bool = False
    imported: bool = False


@dataclass(frozen=True, slots=True)
class SurveyFacts:
    """An open account and a fiscal year: this and the next, and the last one where it has a wave.

    `calendar`: the customer's working days (closing periods left out). `meeting`: M of that year as
    `meeting_dates.meeting_day` has it, booked or planned, None where unknown or cancelled. `kam`: who is in
    charge and here, else whoever stands in (an answer must reach somebody). `candidates`: every contact with
    a place at the account today; of use only while there is no wave. `begins`: the account's go-live.
    """

    account: int
    year: Period
    calendar: Calendar
    quiet: Quiet
    account_class: str | None = None
    kam: Asked | None = None
    meeting: date | None = None
    candidates: tuple[Candidate, ...] = ()
    wave: Wave | None = None
    begins: date | None = None
