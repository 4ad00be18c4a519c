"""Look into the mailbox again and again, deal with what came, until cancelled.

A mail is marked as seen after its transaction: after a crash in between it is read again and known. When the
server is away the pause grows, up to five minutes; when a mail cannot be forwarded now, it waits and the next
one comes.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable
from time import monotonic
from typing import NamedTuple

import structlog
from sqlalchemy.exc import SQLAlchemyError

from kamflow import outward
from kamflow.errors import DeliveryError, NotAdopted, Permanent
from kamflow.store import adopted, received_mail
from kamflow.web.mailbox import forward, received
from kamflow.web.mailbox.box import Away, Box, check
from kamflow.web.mailbox.deal import VIA, Dealt, deal
from kamflow.web.mailbox.received import Received
from kamflow.web.site import Site
from kamflow.web.way_in import WayIn
from notifications.channels.email import EmailChannel
from notifications.message import Mail, Receipt

LONGEST_PAUSE = 300  # seconds
A_ROUND = 100  # mails of one look; the rest comes with the next
AGAIN = 900  # seconds after which a mail is looked at again that broke something, or could not be forwarded
BREAKS = 3  # times a mail may break something before it has to wait
FORWARDS = 60  # mails forwarded in an hour: a flood waits in the mailbox

log = structlog.get_logger()


class _Opened(NamedTuple):
    mail: Received
    dealt: Dealt


async def watch(
    site: Site,
    wait: Callable[[float], Awaitable[object]] = asyncio.sleep,
    send: Callable[[Mail], Awaitable[Receipt]] | None = None,
) -> None:
    """Deal with what comes into the mailbox of a site until cancelled; nothing where there is none.

    Raises:
        ConfigError: the settings of the mailbox are not complete, or not safe.
    """
    if site.settings.mailbox.host is None:
        return
    check(site.settings.mailbox)
    way = outward.way(site.settings)
    channel = None if send else EmailChannel(site.settings.smtp, site.now, way.tls(), way)
    watcher = Watcher(site, Box(site.settings.mailbox, way.tls), send or channel.send)  # pyright: ignore[reportOptionalMemberAccess]
    try:
        while True:
            await wait(await watcher.look())
    finally:
        watcher.box.abort()
        await asyncio.to_thread(watcher.box.close)
        if channel is not None:
            await channel.close()


class Watcher:
    """One reader of the mailbox; `look` says how long to wait until the next."""

    def __init__(self, site: Site, box: Box, send: Callable[[Mail], Awaitable[Receipt]]) -> None:
        self.box = box
        self._site = site
        self._send = send
        self._pause = 0.0
        self._way_in = WayIn(site, "channel:mailbox")
        self._later: dict[str, float] = {}
        self._begun: Counter[str] = Counter()
        self._sent: list[float] = []

    async def look(self) -> float:
        """Deal with what is there; seconds to wait."""
        try:
            await self._round()
        except (Away, SQLAlchemyError, NotAdopted) as error:
            return await self._away(error.cause if isinstance(error, Away) else type(error).__name__)
        except Exception as error:  # noqa: BLE001 - a mail that breaks us must not stop the box; it has to wait
            return await self._away(f"fault-{type(error).__name__}")
        self._pause = 0.0
        await self._way_in.there()
        return float(self._site.settings.mailbox.every)

    async def _away(self, cause: str) -> float:
        self._pause = min(max(self._pause * 2, float(self._site.settings.mailbox.every)), LONGEST_PAUSE)
        log.warning("mailbox.away", cause=cause, again_in=self._pause)
        if cause != NotAdopted.__name__:
            await self._way_in.away(cause)
        return self._pause

    async def _round(self) -> None:
        await asyncio.to_thread(self._require_own)
        now = monotonic()
        self._later = {uid: at for uid, at in self._later.items() if at > now}
        unseen = await asyncio.to_thread(self.box.unseen)
        ready = sorted((each for each in unseen if each not in self._later), key=lambda uid: self._begun[uid])
        for uid in ready[:A_ROUND]:
            self._begin(uid)
            opened = await asyncio.to_thread(self._open, uid)
            if opened is None:
                continue
            flagged = opened.dealt.flagged
            if opened.dealt.verdict == "forward":
                said = await self._forward(opened)
                if said is None:
                    self._later[uid] = monotonic() + AGAIN
                    continue
                flagged = said
            await asyncio.to_thread(self.box.settle, uid, flagged=flagged)
            self._later.pop(uid, None)
            del self._begun[uid]

    def _begin(self, uid: str) -> None:
        """Should this mail break us, the others go first the next time, and then it has to wait."""
        self._begun[uid] += 1
        if self._begun[uid] >= BREAKS:
            self._later[uid] = monotonic() + AGAIN

    def _require_own(self) -> None:
        with self._site.reading() as session:
            adopted.require(session, self._site.settings.home)

    def _open(self, uid: str) -> _Opened | None:
        fetched = self.box.fetch(uid)
        if fetched is None:
            return None
        mail = received.read(fetched.raw, whole=fetched.whole)
        dealt = deal(self._site, mail)
        log.info("mailbox.mail", verdict=dealt.verdict, broken=mail.broken)
        return _Opened(mail, dealt)

    async def _forward(self, opened: _Opened) -> bool | None:
        """Whether it stays flagged in the mailbox; None: it could not be forwarded now."""
        mail, settings = opened.mail, self._site.settings
        now = monotonic()
        self._sent = [each for each in self._sent if each > now - 3600]
        if settings.delivery.mode == "off" or len(self._sent) >= FORWARDS:
            return None
        to = forward.reader(settings)
        try:
            if to is not None:
                self._sent.append(now)
                await self._send(await asyncio.to_thread(forward.letter, self._site, mail, to))
        except Permanent as error:
            log.warning("mailbox.not_forwarded", cause=error.cause)
            to = None
        except DeliveryError as error:
            log.info("mailbox.forwarded_later", cause=error.cause)
            return None
        await asyncio.to_thread(self._note, opened, "forwarded" if to else "kept")
        # What nobody got, or not as a whole, stays where a human finds it.
        return to is None or mail.broken == "too-large"

    def _note(self, opened: _Opened, verdict: str) -> None:
        with self._site.writing(VIA) as session:
            received_mail.add(session, opened.mail.id, self._site.now(), verdict, opened.dealt.person)
