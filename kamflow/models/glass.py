"""Why somebody looked at a person's open items. Free text, so it stands in a row of its own: the event
and the message hold ids, and erase reaches it here."""

from sqlalchemy import Column, Text
from sqlmodel import Field, SQLModel


class BrokenGlass(SQLModel, table=True):
    """The reason that was given, by the event `works_council.glass_broken`."""

    __tablename__ = "broken_glass"
    event_id: int = Field(foreign_key="event.id", primary_key=True)
    person_id: int = Field(foreign_key="person.id", index=True, description="whose items were shown")
    reason: str = Field(sa_column=Column(Text, nullable=False))
