"""The show as it is now: gathered anew once something has happened on stage."""

from threading import Lock

from kamflow.demo.diary import Diary
from kamflow.demo.gathering import gather
from kamflow.demo.show import Show
from kamflow.demo.stage import Stage
from kamflow.store import changes
from kamflow.store.engine import read


class Current:
    """Call it for the show. What counts as something: an event, a mail, a post, a post that was changed."""

    def __init__(self, stage: Stage, diary: Diary) -> None:
        self._stage = stage
        self._diary = diary
        self._lock = Lock()
        self._seen: object = None
        self._show: Show | None = None

    def __call__(self) -> Show:
        with self._lock:
            seen = self._newest()
            if self._show is None or seen != self._seen:
                self._seen, self._show = seen, gather(self._stage, self._diary)
            return self._show

    def _newest(self) -> object:
        edited = sum(post.edited for post in self._stage.slack.posts)
        with read(self._stage.home.engine) as session:
            return changes.newest(session).event, self._stage.delivered, edited
