"""A post of ours that held somebody who was erased is written anew: the same message without the name.

What is no longer open, and papers, are emptied. It goes through the outbox like every message: Slack may be
down for as long as it likes.
"""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from sqlmodel import Session

from kamflow.acts.erase import REDACTION
from kamflow.models.message import StoredMessage
from notifications.message import SlackPost
from notifications.outbox import Claimed
from notifications.render.environment import module

__all__ = ("REDACTION", "Original", "instead", "originals")
# What is rendered from what is known today; all else would be put together from old facts.
_AGAIN = ("nudges", "notice")


@dataclass(frozen=True, slots=True)
class Original:
    """The message that was posted, as if it were ours to send, and where its post stands."""

    message: Claimed
    where: str

    @property
    def again(self) -> bool:
        """Tell whether it can be rendered once more."""
        return self.message.kind in _AGAIN


def originals(session: Session, batch: Iterable[Claimed]) -> dict[int, Original]:
    """The posts that these redactions are about, as far as they are still known."""
    found: dict[int, Original] = {}
    for each in batch:
        row = session.get(StoredMessage, each.facts["message"])
        if row is not None and row.id is not None and "/" in (row.provider_id or ""):
            message = replace(
                each,
                id=row.id,
                key=row.key,
                kind=row.kind,
                template=row.template,
                facts=row.facts,
                person=row.person_id,
                mail_id=row.mail_id,
                unsure=False,
            )
            found[each.id] = Original(message, row.provider_id or "")
    return found


def instead(original: Original, made: object, language: str) -> SlackPost:
    """What stands in place of the post from now on."""
    mail_id = original.message.mail_id or ""
    if isinstance(made, SlackPost):
        return SlackPost(made.text, made.blocks, mail_id, replaces=original.where)
    text = module(language, "erased/words.j2").post().strip()
    block = {"type": "section", "text": {"type": "plain_text", "text": text}}
    return SlackPost(text, (block,), mail_id, replaces=original.where)
