"""What events of other systems say, field by field: the words in `data`."""

from datetime import date
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, BeforeValidator, ConfigDict, Field

_PLAIN = r"^[^\x00-\x1f\x7f]+$"
_TEXT = r"^[^\x00-\x08\x0b-\x1f\x7f]*$"  # lines may break
_FIRST, _LAST = date(2000, 1, 1), date(2199, 12, 31)


def _whole(value: Any) -> Any:
    """To JSON 2.0 is a whole number too."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


Called = Annotated[str, Field(min_length=1, max_length=200, pattern=_PLAIN)]
Day = Annotated[
    date, Field(ge=_FIRST, le=_LAST, json_schema_extra={"pattern": r"^2[01][0-9]{2}-[01][0-9]-[0-3][0-9]$"})
]
Hour = Annotated[AwareDatetime, Field(description="on that day where the company is, with its offset")]
People = Annotated[
    list[Called],
    Field(max_length=50, description="our people: your id, kamflow's key or the e-mail address of each"),
]
Contacts = Annotated[
    list[Called],
    Field(max_length=50, description="the customer's: your id, kamflow's key or the e-mail address of each"),
]
Account = Annotated[Called, Field(description="the customer: your id or kamflow's key")]
OwnId = Annotated[Called, Field(description="your own id of it, the same in all events about it")]
Round = Annotated[
    int, Field(ge=1, le=99, description="of a negotiation; 1 is the first"), BeforeValidator(_whole)
]
Minutes = Annotated[int, Field(ge=0, le=10_000), BeforeValidator(_whole)]
MeetingKind = Literal["strategic", "negotiation"]


class Data(BaseModel):
    """What happened. Unknown fields are refused: what kamflow does not use should not be sent."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class ContactTold(Data):
    """A visit, call, video call, mail or event between people of both sides: all of it, each time."""

    id: OwnId
    day: Day
    people: Annotated[People, Field(min_length=1)]
    contacts: Annotated[Contacts, Field(min_length=1)]
    account: Annotated[
        Account | None, Field(description="not needed where the contacts belong to one only")
    ] = None
    kind: Literal["visit", "call", "video", "mail", "event"] = "visit"
    starts_at: Hour | None = None
    minutes: Minutes | None = None


class ContactCancelled(Data):
    """A contact that does not take place; told before as booked or held."""

    id: OwnId


class MeetingBooked(Data):
    """An annual meeting, or a round of a negotiation. Its hour is `starts_at`, on the company's `day`."""

    id: OwnId
    account: Account
    day: Day
    starts_at: Hour | None = None
    place: Annotated[Called, Field(description="where it is")] | None = None
    round: Round | None = None
    kind: MeetingKind | None = None
    year: Annotated[Called, Field(description="the fiscal year it is for, if not that of its day: 2027")] | (
        None
    ) = None
    people: People = []
    contacts: Contacts = []


class MeetingMoved(Data):
    """Another day, hour or place. `account` is needed where the meeting was not told under this id."""

    id: OwnId
    day: Day
    account: Account | None = None
    round: Round | None = None
    starts_at: Hour | None = None
    place: Annotated[Called, Field(description="where it is")] | None = None


class MeetingCancelled(Data):
    """It does not take place. `account` is needed where the meeting was not told under this id."""

    id: OwnId
    account: Account | None = None
    round: Round | None = None


class MeetingHeld(Data):
    """It took place. Who is named attended, in place of who was expected."""

    id: OwnId
    day: Day
    account: Account | None = None
    round: Round | None = None
    kind: MeetingKind | None = None
    people: People = []
    contacts: Contacts = []


class MeasureDone(Data):
    """A measure of the account plan is done."""

    measure: Annotated[
        Called, Field(description="your id of it, as it was imported; by kamflow's number: kamflow-17")
    ]
    done_on: Annotated[Day | None, Field(description="today if not given")] = None


class Away(Data):
    """A person of ours is away, or is not after all: dates, never a reason."""

    person: Annotated[Called, Field(description="your id, kamflow's key or the e-mail address")]
    first: Day
    last: Annotated[Day, Field(description="the last day away")]


class SurveyTold(Data):
    """What a contact answered to a survey of another tool; what they say later replaces it."""

    account: Account
    contact: Annotated[Called, Field(description="your id, kamflow's key or the e-mail address")]
    day: Day
    score: Annotated[
        int, Field(ge=0, le=10, description="0 to 10; another scale comes as a file"), BeforeValidator(_whole)
    ]
    comment: Annotated[str, Field(max_length=4000, pattern=_TEXT)] | None = None


class PeriodComplete(Data):
    """All revenue of these days was imported; what comes later is a correction."""

    first: Day
    last: Day
