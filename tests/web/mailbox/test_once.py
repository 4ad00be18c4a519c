"""Two readers of one mailbox, real servers, both databases: each mail acts once."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from email import message_from_bytes
from pathlib import Path

import pytest
from sqlalchemy import Engine

from kamflow.demo.imap_server import ImapServer, running_imap
from kamflow.demo.smtp_catcher import running_catcher
from kamflow.models.event import ReceivedMail
from kamflow.models.nudge import StoredNudge
from kamflow.web.mailbox.box import Away, Box
from kamflow.web.mailbox.deal import deal
from kamflow.web.mailbox.received import read
from kamflow.web.mailbox.watch import Watcher
from notifications.channels.email import EmailChannel
from tests.notifications.channels.certificates import contexts
from tests.web.mailbox.conftest import Post, invitation, mail
from tests.world import World


@pytest.fixture
def anywhere(engine: Engine) -> Post:
    return Post(World(engine))


def test_two_readers_at_once_act_once(anywhere: Post) -> None:
    post = anywhere
    nudge = post.nudge()
    mails = [
        read(mail("+3\n", To=post.told(nudge), Message_ID="<1@x>")),
        read(mail(invitation(), Content_Type="text/calendar; method=REQUEST", Message_ID="<2@x>")),
    ]
    with ThreadPoolExecutor(4) as pool:
        dealt = list(pool.map(lambda each: deal(post.site, each).verdict, mails * 4))

    assert sorted(dealt) == ["known"] * 6 + ["meeting", "reply"]
    assert len(post.events("nudge.snoozed")) == len(post.events("interaction.booked")) == 1
    assert len(post.rows(ReceivedMail)) == 2


@pytest.mark.parametrize(
    "line", ["\x00", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "\U0001f600"]
)
def test_characters_that_a_database_does_not_keep_hold_nothing_up(anywhere: Post, line: str) -> None:
    nudge = anywhere.nudge()
    seen = [
        anywhere.reply(anywhere.told(nudge), line).verdict,
        anywhere.invite(invitation(uid=f"u{line}")).verdict,
        anywhere.take(mail("x", f"a{line}b@example.com", Message_ID=f"<{line}@x>", Subject=line)).verdict,
    ]

    assert set(seen) <= {"forward", "meeting"}
    assert anywhere.world.one(StoredNudge, nudge.id).closed_at is None


def test_a_mail_goes_through_real_servers_to_whoever_reads_it(post: Post) -> None:
    with running_imap() as imap, running_catcher() as smtp:
        kept = imap.put(mail("Bitte um Rückruf.\n", "fremd@elsewhere.example"))
        post.knowing(
            mailbox=post.settings.mailbox.model_copy(update={"port": imap.port}),
            smtp=post.settings.smtp.model_copy(update={"host": "127.0.0.1", "port": smtp.port}),
        )
        channel = EmailChannel(post.settings.smtp, post.site.now)
        watching = Watcher(post.site, Box(post.settings.mailbox), channel.send)

        async def look() -> None:
            await watching.look()
            await channel.close()

        asyncio.run(look())
        watching.box.close()

    [caught] = smtp.to("office@example.com")
    enclosed = [each.get_payload(decode=True) for each in message_from_bytes(caught.raw).walk()]
    assert kept.raw in enclosed
    assert kept.seen


def test_a_certificate_that_nobody_vouches_for_is_refused(post: Post, tmp_path: Path) -> None:
    server, trusting = contexts(tmp_path)
    box = post.settings.mailbox.model_copy(update={"tls": "tls", "host": "127.0.0.1"})
    with running_imap(ImapServer(tls=server)) as imap:
        box = box.model_copy(update={"port": imap.port})
        imap.put(mail("x"))
        careful, knowing = Box(box), Box(box, lambda: trusting)
        with pytest.raises(Away, match="tls-refused"):
            careful.unseen()
        assert knowing.unseen() == ["1"]
        knowing.close()
    assert "LOGIN" in " ".join(imap.commands)
