"""Three weeks, day by day: the night decides, the morning tells, people act a little.

The rules, the cadence, the outbox and the channels are the real ones; only the clock, the people, the mail
server and the Slack workspace are made up.
"""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

from kamflow.demo.cast import Cast
from kamflow.demo.cycle_scenes import CycleScenes
from kamflow.demo.diary import Day, Diary
from kamflow.demo.everyday import Everyday
from kamflow.demo.scenes import Scenes
from kamflow.demo.stage import Stage

FIRST, LAST = date(2026, 9, 7), date(2026, 9, 25)
# Half past eight in Berlin, then in London; the afternoon is for what was retried.
MORNING = ((8, 30), (9, 30))
SATURDAY = 6

Progress = Callable[[int, int, date], None]


def play(stage: Stage, first: date = FIRST, last: date = LAST, progress: Progress | None = None) -> Diary:
    """Play the days from first to last. On the last one nobody acts any more, and it is done once more."""
    diary = Diary()
    cast = Cast(stage, diary)
    scenes, cycle, everyday = Scenes(stage, cast), CycleScenes(stage, cast), Everyday(stage, cast)
    days = list(_days(first, last))
    for number, day in enumerate(days):
        if progress:
            progress(number, len(days), day)
        diary.days.append(decide_and_tell(stage, day))
        if day < last and day.isoweekday() < SATURDAY:
            scenes.play(day)
            cycle.play(day)
            everyday.live(day, scenes.accounts)
    diary.again = _once_more(stage, last)
    if progress:
        progress(len(days), len(days), last)
    return diary


def _days(first: date, last: date) -> Iterator[date]:
    return (first + timedelta(days=n) for n in range((last - first).days + 1))


def decide_and_tell(stage: Stage, day: date) -> Day:
    """One night and the morning after it."""
    from flows import local, telling

    figures = Day(day)
    for number, flow in enumerate(local.FLOWS):
        stage.clock.set(day, 4 + number // 6, 10 * (number % 6))
        outcome = local.run_here(stage.home, flow, day)
        figures.opened += outcome.opened
        figures.updated += outcome.updated
        figures.closed += outcome.closed
    mails, posts = len(stage.catcher.messages), len(stage.slack.posts)
    for hour, minute in MORNING:
        stage.clock.set(day, hour, minute)
        told = telling.tell_now(stage.home)
        figures.told += told.composed.told
        figures.failed += told.delivered.failed
    figures.mails = len(stage.catcher.messages) - mails
    figures.posts = len(stage.slack.posts) - posts
    return figures


def _once_more(stage: Stage, day: date) -> tuple[int, int]:
    """Decide and deliver a day again: how many nudges opened, how many messages arrived."""
    before = stage.delivered
    again = decide_and_tell(stage, day)
    return again.opened, stage.delivered - before
