"""`kamflow account`: hand a whole account over."""

from cyclopts import App

from kamflow.acts import account_hand_over as handing
from kamflow.cli.home import acting, day
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json

account = App(name="account")


@account.command(name="hand-over")
def hand_over(account: str, to: str, /, *, on: str | None = None, options: Options = HERE) -> None:
    """Make somebody the key account manager of an account.

    Team, contact plan, open measures and questions and the plan in work move, also of sites without a KAM of
    their own; the successor gets one page. Ahead of its day it is announced: everything moves on the day.

    Parameters
    ----------
    account
        Key, external id or full name.
    to
        Who takes it: key, e-mail address or full name.
    on
        The first day (2026-10-01); today if not given.
    """
    with acting(options) as desk:
        number, other = desk.account(account), desk.person(to)
        said = handing.hand_over(desk.to_act(), number, other, day(on) if on else desk.today)
        account_name, name = desk.account_name(number), desk.person_name(other)
        also = ", ".join(desk.person_name(each) for each in said.also)
    if options.json:
        say_json(said)
    elif said.state == "already":
        say(f"already so: {account_name} is with {name}")
    elif said.state == "announced":
        say(
            f"announced: {account_name} to {name} from {said.on} on",
            "  contact plan, open measures, questions and the plan in work move on that day",
            *([f"  no longer its KAM either: {also}"] if also else []),
        )
    else:
        say(
            f"handed over: {account_name} to {name} from {said.on} on",
            f"  moved: {said.targets} contact targets, {said.measures} measures, {said.questions} questions,"
            f" {said.plans} plans",
            *([f"  no longer its KAM either: {also}"] if also else []),
            "  what is open moves with the next run; the approver stays",
        )
