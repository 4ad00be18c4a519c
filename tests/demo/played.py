"""What a play left behind, and how tests look at it."""

from collections import Counter

from sqlmodel import col, select

from kamflow.demo.diary import Diary
from kamflow.demo.show import Reader, Received, Show
from kamflow.demo.stage import Stage
from kamflow.models.nudge import StoredNudge
from kamflow.store.engine import read

Played = tuple[Stage, Diary, Show]


def nudges(stage: Stage, account: str, step: str) -> list[StoredNudge]:
    with read(stage.home.engine) as session:
        query = select(StoredNudge).where(col(StoredNudge.account_id) == stage.accounts[account])
        return list(session.exec(query.where(col(StoredNudge.step) == step)))


def reader(show: Show, key: str) -> Reader:
    return next(each for each in show.readers if each.key == key)


def of_kind(show: Show, key: str, kind: str) -> list[Received]:
    return [message for message in reader(show, key).received if message.kind == kind]


def sent_twice(stage: Stage) -> list[object]:
    mails = [key for key, count in stage.catcher.counts.items() if count > 1]
    posts = Counter(post.message_id for post in stage.slack.posts)
    return [*mails, *(key for key, count in posts.items() if count > 1)]
