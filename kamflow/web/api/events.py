"""The events that other systems may tell, as CloudEvents 1.0: the envelope, and what is answered."""

from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field

from kamflow.web.api.data import (
    Away,
    Called,
    ContactCancelled,
    ContactTold,
    MeasureDone,
    MeetingBooked,
    MeetingCancelled,
    MeetingHeld,
    MeetingMoved,
    PeriodComplete,
    SurveyTold,
)


class CloudEvent(BaseModel):
    """The envelope. `id` and `source` together name the event: sent again, it is not carried out again.

    Extension attributes are allowed and not read.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    specversion: Literal["1.0"]
    id: Annotated[Called, Field(description="yours; a repeat carries the same, another event another one")]
    source: Annotated[Called, Field(description="which part of your system says it, such as /crm/visits")]
    time: Annotated[AwareDatetime | None, Field(description="when it happened; not read")] = None
    subject: Called | None = None
    datacontenttype: Literal["application/json"] = "application/json"
    dataschema: Called | None = None


class InteractionHeld(CloudEvent):
    type: Literal["kamflow.interaction.held"]
    data: ContactTold


class InteractionBooked(CloudEvent):
    type: Literal["kamflow.interaction.booked"]
    data: ContactTold


class InteractionCancelled(CloudEvent):
    type: Literal["kamflow.interaction.cancelled"]
    data: ContactCancelled


class AnnualMeetingBooked(CloudEvent):
    type: Literal["kamflow.meeting.booked"]
    data: MeetingBooked


class AnnualMeetingMoved(CloudEvent):
    type: Literal["kamflow.meeting.moved"]
    data: MeetingMoved


class AnnualMeetingCancelled(CloudEvent):
    type: Literal["kamflow.meeting.cancelled"]
    data: MeetingCancelled


class AnnualMeetingHeld(CloudEvent):
    type: Literal["kamflow.meeting.held"]
    data: MeetingHeld


class MeasureIsDone(CloudEvent):
    type: Literal["kamflow.measure.done"]
    data: MeasureDone


class PersonAbsent(CloudEvent):
    type: Literal["kamflow.person.absent"]
    data: Away


class PersonBack(CloudEvent):
    type: Literal["kamflow.person.back"]
    data: Away


class SurveyAnswered(CloudEvent):
    type: Literal["kamflow.survey.answered"]
    data: SurveyTold


class RevenueComplete(CloudEvent):
    type: Literal["kamflow.revenue.complete"]
    data: PeriodComplete


AnyEvent = Annotated[
    InteractionHeld
    | InteractionBooked
    | InteractionCancelled
    | AnnualMeetingBooked
    | AnnualMeetingMoved
    | AnnualMeetingCancelled
    | AnnualMeetingHeld
    | MeasureIsDone
    | PersonAbsent
    | PersonBack
    | SurveyAnswered
    | RevenueComplete,
    Field(discriminator="type"),
]


class Answer(BaseModel):
    """What became of an event; the same whenever it is sent again."""

    id: str
    source: str
    type: str
    outcome: Literal["done", "already"] = Field(description="already: kamflow knew it")
    kind: str = Field(description="what was written", examples=["interaction"])
    number: int = Field(description="its number in kamflow")

    def kept(self) -> dict[str, Any]:
        """As it is stored with the event."""
        return self.model_dump()
