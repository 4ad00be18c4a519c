"""A copied or restored home takes up its work: what it may have sent meanwhile is decided anew, and held.

Nobody knows what went out after the copy was made. So each day since is decided by the rules as it would have
been, its messages are written and stopped, in the transaction that adopts the home. What is due from then on
is new, and is sent. Whatever is stopped stands in `kamflow outbox` with the cause "restored".
"""

from datetime import date, timedelta
from zoneinfo import ZoneInfo

from flows import local
from flows.runtime import Home
from kamflow.schedules import SCHEDULES, due_days
from kamflow.store import adopted, backups, events, link_versions
from kamflow.store import engine as db
from notifications import compose

# What is older is too old to be of use: no rule returns its papers any more.
AT_MOST = timedelta(days=60)


def is_needed(home: Home) -> bool:
    """Tell whether something else may have sent from the same data: it is a copy, or was restored."""
    with db.read(home.engine) as session:
        if backups.waits_for_adoption(session):
            return True
        # Homes on one PostgreSQL share one outbox; a file has a home of its own.
        copied = home.engine.dialect.name == "sqlite" and not adopted.is_adopted(session, home.settings.home)
        return copied and backups.last_sign(session) is not None


def resume(home: Home, actor: int | None) -> int:
    """Decide the days since the copy was made, stop what they send, adopt; return how many are stopped."""
    with db.write(home.engine) as session:
        since = backups.last_sign(session)
        held = backups.hold(session, home.now())
        link_versions.renew(session, home.now())
    zone = ZoneInfo(home.settings.company.zone)
    first = since.astimezone(zone).date() if since else home.today()
    for day in _days(max(first, home.today() - AT_MOST), home.today()):
        for flow in local.FLOWS:
            if flow != "intake" and _due(flow, day):
                local.run_here(home, flow, day)
    with db.write(home.engine) as session:
        db.lock(session, "compose")
        adopted.adopt(session, home.settings.home, home.now())
        compose.within(session, home.now(), home.settings, home.policy)
        held += backups.hold(session, home.now())
        events.record(session, backups.ADOPTED, home.now(), actor=actor, alone=True, held=held)
    return held


def _days(first: date, last: date) -> list[date]:
    return [first + timedelta(days=each) for each in range((last - first).days + 1)]


def _due(flow: str, day: date) -> bool:
    return any(due_days(each, day, day) for each in SCHEDULES if each.flow == flow)
