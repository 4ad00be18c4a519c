"""People who are late with all there is, and how to find out whether a text tells of it (works council)."""

import re
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import Engine

from kamflow.models.message import StoredMessage
from kamflow.models.nudge import StoredNudge, Telling
from kamflow.models.person import Person
from kamflow.models.visit import SignIn
from tests.world import World

TODAY = date(2026, 9, 7)
LATE = date(2026, 8, 13)
SIGNED_IN = datetime(2026, 9, 4, 1, 17, tzinfo=UTC)  # 03:17 in Berlin
OLD = datetime(2026, 6, 1, tzinfo=UTC)
NAMES = ("Quandt", "Rixner", "Stelzer", "Torwald", "Uhlmann", "Vierck")
EACH = 7  # late items of each of them


class LateTeam:
    """KAMs who are late with all there is, their head, operations, and a colleague who is not."""

    def __init__(self, engine: Engine, many: int) -> None:
        self.world = World(engine)
        self.names = NAMES[:many]
        self.head = self.world.person("Head", "head")
        for name, role in (("Other", "kam"), ("Operator", "operations")):
            self.world.person(name, role)
        self.world.person("Left", left_on=date(2026, 1, 5))
        self.digests, self.sign_ins = [], []
        kams = [self._late(name, number) for number, name in enumerate(self.names)]
        self.world.night("measure_followup", TODAY)
        self.items = [each.id for each in self.world.nudges() if each.owner_id == kams[0].id]
        for name, kam in zip(self.names, kams, strict=True):
            self._told(name, kam)
        self.world.add(self._message("Head", "close", self.head.id))

    def _late(self, name: str, number: int) -> Person:
        world = self.world
        kam = world.person(name, superior_id=self.head.id)
        account = world.account(f"acc-{number}", kam, account_class="key")
        place = world.place(f"Lech-{number}", account, 8)
        world.target(kam, place, 12)
        world.meet(date(2026, 1, 12), kam, place)
        for task in range(EACH):
            world.measure(account, LATE, kam, title=f"task {task}")
        self._closed(kam.id, account.id, f"zz-closed-{name}")
        return kam

    def _told(self, name: str, kam: Person) -> None:
        world = self.world
        told = world.add(self._message(name, "digest", kam.id))
        for nudge in [each.id for each in world.nudges(living=False) if each.owner_id == kam.id]:
            world.add(
                Telling(
                    nudge_id=nudge, person_id=kam.id, number=1, reason="due", told_on=LATE, message_id=told.id
                )
            )
        self.digests.append(told.id)
        used = {"ends_at": SIGNED_IN + timedelta(minutes=15), "used_at": SIGNED_IN}
        world.add(SignIn(person_id=kam.id, made_at=SIGNED_IN, **used))
        self.sign_ins.append(world.add(self._message(name, "sign-in", kam.id)).id)

    def _closed(self, owner: int, account: int, identity: str) -> None:
        said = {"rule": "plan_creation", "subject": "-", "period": "-", "step": "hand_in", "urgency": "daily"}
        days = dict.fromkeys(("since", "due_on", "opened_on", "staged_on", "closed_on"), LATE)
        facts = {"facts": {}, "why": {"next": "nobody"}, "fingerprint": identity, "group_key": identity}
        whose = {"owner_id": owner, "account_id": account, "identity": identity}
        ended = {"opened_at": OLD, "closed_at": OLD, "closed_as": "lapsed"}
        self.world.add(StoredNudge(**said, **days, **facts, **whose, **ended))

    def _message(self, name: str, kind: str, person: int) -> StoredMessage:
        template = {"digest": "digest", "sign-in": "sign_in_link"}.get(kind, "welcome")
        said = {"kind": "nudges" if kind == "digest" else kind, "channel": "email", "template": template}
        at = dict.fromkeys(("created_at", "due_at", "sent_at"), SIGNED_IN)
        return StoredMessage(
            key=f"{kind}:{name}:2026-09-04", person_id=person, state="sent", facts={}, **said, **at
        )

    def leaks(self, text: str) -> list[str]:
        """Lines that tell of somebody's items: late ones by name, an item itself, when they signed in."""
        by_name = re.compile("|".join(self.names), re.IGNORECASE)
        late = re.compile(rf"{LATE}|13\.0?8\.|13 Aug|13\.\sAug|overdue|überfällig|late\b|03:17|01:17|T01:17")
        items = re.compile("zz-closed|measure_followup:[a-z]+=")
        sums = re.compile(rf"\b{EACH * len(self.names)}\b") if len(self.names) < 5 else re.compile("$^")
        return [
            line
            for line in text.splitlines()
            if (by_name.search(line) and late.search(line)) or items.search(line)
            or (late.search(line) and sums.search(line))
        ]  # fmt: skip
