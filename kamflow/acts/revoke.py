"""Revoke every link one was sent, and sign out in every browser: a mail or a phone fell into wrong hands."""

from kamflow.acts.acting import Acting
from kamflow.models.person import Person
from kamflow.store import events, visits


def revoke(desk: Acting) -> int:
    """Make the links of the actor worthless; return how many browsers were signed out."""
    person = desk.person("revoke links")
    desk.session.get_one(Person, person).links_version += 1
    browsers = visits.end_all(desk.session, person, desk.now)
    events.record(desk.session, "person.links_ended", desk.now, actor=person, browsers=browsers)
    return browsers
