"""Papers that went to the redirect address only: once messages go live, they are for their readers still.

A rule returns every paper that is of use today; that it was made for a trial must not keep it from whom it is
for. It becomes a paper of its own, whose key says so.
"""

from collections.abc import Sequence
from dataclasses import replace

from sqlalchemy import select
from sqlmodel import col

from kamflow.models.message import MessageState, StoredMessage
from kamflow.nudge import Effect
from kamflow.store import carried
from kamflow.store.messages import REDIRECTED
from kamflow.store.run import Run

_PAPER = "send_document"
_LIVE = "-live"


def told_anew(run: Run, effects: Sequence[Effect]) -> list[Effect]:
    """The effects, papers that nobody but the redirect address has seen under a key of their own."""
    papers = {effect.key: effect for effect in effects if effect.name == _PAPER} if run.live else {}
    if not papers:
        return list(effects)
    keys = {carried.message_key(key, effect.facts["person"]): key for key, effect in papers.items()}
    message = StoredMessage
    redirected = select(col(message.key)).where(
        col(message.key).in_(keys),
        col(message.state) == MessageState.SENT,
        col(message.cause) == REDIRECTED,
    )
    unseen = {keys[key] for key in run.session.execute(redirected).scalars()}
    return [replace(each, step=each.step + _LIVE) if each.key in unseen else each for each in effects]
