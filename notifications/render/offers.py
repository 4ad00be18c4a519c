"""What a reader can do about a nudge: the buttons of a mail, a post and a page, in the order of their use.

A contact shortfall has no *Done*, for contacts close it, and cannot be handed over, for only its owner's own
contacts do. Who is told for their information only has nothing to do.
"""

from collections.abc import Iterator

from notifications.render.environment import module, phrase
from notifications.render.item import Act, Action, Actions
from notifications.render.literal import clip
from notifications.render.reader import Reader
from notifications.render.view import NudgeView, Ways

# Nudges of one item that have buttons of their own; the rest is on the reader's list.
MOST = 4
_ABOUT, _NAME = 90, 44
WORDS = "offers/words.j2"


def offered(
    nudges: tuple[NudgeView, ...], names: Reader, language: str, ways: Ways | None = None
) -> tuple[Actions, ...]:
    """The buttons of an item, those of each nudge together; with more than `MOST` nudges, then the list.

    `Actions.nudge` is 0 for what concerns no nudge. Without `ways` no button has an address.
    """
    ways = ways or Ways()
    own = sorted((nudge for nudge in nudges if nudge.reason != "ladder"), key=lambda each: each.due_on)
    accounts = [nudge.account for nudge in own]
    steps_too = len(set(accounts)) < len(accounts)
    found = [
        Actions(
            nudge.id,
            tuple(_of(nudge, language, ways)),
            _about(names, nudge, language, steps_too=steps_too) if len(own) > 1 else "",
        )
        for nudge in own[:MOST]
    ]
    if len(own) > MOST and ways.own_list:
        found.append(Actions(0, (Action("page", _say(language, "own_list"), ways.own_list),)))
    return tuple(found)


def acts(nudge: NudgeView) -> tuple[Act, ...]:
    """What can be done about a nudge, without its pages."""
    if nudge.rule != "contact_shortfall":
        return ("done", "snooze", "hand_over")
    if nudge.facts.get("no_data"):
        return ("contact", "snooze", "hand_over")
    return ("contact", "book", "too_much", "snooze")


def done_word(nudge: NudgeView, language: str) -> str:
    """*Done* as it is said of this nudge: "Looked through", "Replied"."""
    return _say(language, "done", _closes(nudge))


def _of(nudge: NudgeView, language: str, ways: Ways) -> Iterator[Action]:
    page, form = ways.pages.get(nudge.id), ways.forms.get(nudge.account or 0)
    if page and nudge.step == "release":
        yield Action("briefing", _say(language, "button", "briefing"), page)
    elif page:
        yield Action("page", _say(language, "page", f"{nudge.rule}.{nudge.step}"), page)
    for act in acts(nudge):
        if act == "contact" and form:
            yield Action("crm", _say(language, "button", "crm"), form)
            continue
        text = done_word(nudge, language) if act == "done" else _say(language, "button", act)
        yield Action(act, text, _address(nudge, act, ways))


def _closes(nudge: NudgeView) -> str:
    closes = str(nudge.why.get("closes", ""))
    return "thanked" if closes == "replied" and nudge.stage == "promoter" else closes


def _address(nudge: NudgeView, act: Act, ways: Ways) -> str | None:
    """The nudge's page, which shows the form of this act first."""
    base = ways.nudges.get(nudge.id)
    return f"{base}?do={act.replace('_', '-')}" if base else None


def _about(names: Reader, nudge: NudgeView, language: str, *, steps_too: bool) -> str:
    """Which of several nudges it is."""
    said = module(language, WORDS).about(names.brief(_NAME), nudge, steps_too)
    return clip(" ".join(str(said).split()), _ABOUT)


def _say(language: str, name: str, *arguments: str) -> str:
    return " ".join(phrase(language, WORDS, name, *arguments).split())
