"""`kamflow folder`: which pages the customer is handed at the annual meeting, and what stands on them."""

from pathlib import Path
from typing import Annotated

from cyclopts import App, Parameter

from kamflow.acts import folder as folders
from kamflow.acts import rights
from kamflow.acts.folder import Standing, Ticked
from kamflow.cli.home import Desk, acting, reading
from kamflow.cli.options import HERE, Options
from kamflow.cli.printing import say, say_json, table, warn
from kamflow.documents.customer_folder.folder import PAGES
from kamflow.errors import InputError
from kamflow.models.account import Account
from kamflow.store import folder_rows
from kamflow.store.folder_facts import Gathered

folder = App(name="folder")
Page = Annotated[list[str], Parameter(name="--page", consume_multiple=True, negative="")]
All = Annotated[bool, Parameter(name="--all-pages", negative="")]
_SAID = {"ticked": "goes into the folder", "unticked": "stays out", "written": "written; tick it again"}


@folder.command
def tick(*, account: str, page: Page | None = None, all_: All = False, options: Options = HERE) -> None:
    """Say of pages, as they are now, that the customer may be handed them.

    Parameters
    ----------
    account
        The customer: key, external id or full name.
    page
        title, agenda, topics, figures, services, done, plan, next.
    all_
        All on which something stands; look at them first: kamflow folder show --out FILE.pdf
    """
    pages = _pages(page, all_=all_)
    with acting(options) as desk:
        number = desk.account(account)
        said = folders.tick(desk.to_act(), number, None if all_ else pages)
        name = desk.account_name(number)
    _answer(options, said, name)
    warn(
        *(
            f"{each.page}: nothing stands on it yet, the customer is handed an empty page"
            for each in said
            if each.empty
        )
    )


@folder.command
def untick(*, account: str, page: Page | None = None, all_: All = False, options: Options = HERE) -> None:
    """Leave pages out of the folder.

    Parameters
    ----------
    account
        The customer: key, external id or full name.
    page
        As in `kamflow folder show`.
    all_
        All of them.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said = folders.untick(desk.to_act(), number, _pages(page, all_=all_))
        name = desk.account_name(number)
    _answer(options, said, name)


@folder.command
def write(page: str, text: str, /, *, account: str, options: Options = HERE) -> None:
    """Put your own words for the customer on a page, such as the points of the agenda, a line each.

    Parameters
    ----------
    page
        As in `kamflow folder show`.
    text
        What the customer reads there; empty takes it away again.
    account
        The customer: key, external id or full name.
    """
    with acting(options) as desk:
        number = desk.account(account)
        said = folders.write(desk.to_act(), number, page, text)
        name = desk.account_name(number)
    _answer(options, [said], name)


@folder.command
def show(*, account: str, out: Path | None = None, options: Options = HERE) -> None:
    """Which pages there are, which are ticked, and which changed since; operations may ask that much.

    Parameters
    ----------
    account
        The customer: key, external id or full name.
    out
        A PDF of all pages to look at before you tick them, marked as a draft.
    """
    with reading(options) as desk:
        found = folders.gather(desk.to_act(), _readable(desk, account, named=out is not None))
        rows = folders.pages(desk.session, found)
        names = {each.ticked_by: _name(desk, each) for each in rows}
        if out is not None:
            _draft(desk, found, out)
    if options.json:
        say_json({"pages": rows})
    else:
        columns = ("page", "state", "ticked_on", "ticked_by")
        table(columns, [(each.page, each.state, each.ticked_on, names[each.ticked_by]) for each in rows])


@folder.command
def measures(*, account: str, options: Options = HERE) -> None:
    """The measures of an account with their numbers, and whether the customer may read of them.

    Parameters
    ----------
    account
        The customer: key, external id or full name.
    """
    with reading(options) as desk:
        number = _readable(desk, account)
        rows = folder_rows.shared(desk.session, number)
    if options.json:
        say_json({"measures": [each._asdict() for each in rows]})
    else:
        table(("measure", "side", "customer", "title"), [tuple(each) for each in rows])


@folder.command
def share(*numbers: int, options: Options = HERE) -> None:
    """Let the customer read of measures of ours.

    Parameters
    ----------
    numbers
        As in `kamflow folder measures`.
    """
    _share(numbers, options, with_customer=True)


@folder.command
def keep(*numbers: int, options: Options = HERE) -> None:
    """Keep measures internal: they never stand in the folder.

    Parameters
    ----------
    numbers
        As in `kamflow folder measures`.
    """
    _share(numbers, options, with_customer=False)


def gathered(desk: Desk, account: str) -> Gathered:
    """The folder of an account, for its team and the head (NotAllowed)."""
    return folders.gather(desk.to_act(), _readable(desk, account))


def _readable(desk: Desk, account: str, *, named: bool = True) -> int:
    """The account, for its team and the head; for operations too where nothing is read (not `named`)."""
    number = desk.account(account)
    if named or desk.actor is not None:
        row = desk.session.get_one(Account, number)
        rights.for_account(desk.session, desk.actor, row, "read its folder", desk.today)
    return number


def _share(numbers: tuple[int, ...], options: Options, *, with_customer: bool) -> None:
    if not numbers:
        raise InputError("name at least one measure by its number: `kamflow folder measures` lists them")
    with acting(options) as desk:
        said = folders.share(desk.to_act(), numbers, with_customer=with_customer)
        names = [desk.account_name(each.account) for each in said]
    if options.json:
        say_json({"measures": said})
        return
    for each, name in zip(said, names, strict=True):
        say(f"measure {each.measure} ({name}): {each.state}")


def _pages(page: list[str] | None, *, all_: bool) -> list[str]:
    if not page and not all_:
        raise InputError(f"which page? --page with {', '.join(PAGES)}; or --all-pages")
    return list(PAGES) if all_ else list(dict.fromkeys(page or []))


def _name(desk: Desk, page: Standing) -> str:
    return desk.person_name(page.ticked_by) if page.ticked_by is not None else ""


def _draft(desk: Desk, found: Gathered, out: Path) -> None:
    from notifications.render import folder_document
    from notifications.render.house import House

    if out.suffix != ".pdf":
        raise InputError(f"{out}: the draft is a PDF, its name must end in .pdf")
    house = House.of(desk.settings)
    out.write_bytes(folder_document.paper(found.folder, found.folder.language, house, draft=True))
    say(out)


def _answer(options: Options, said: list[Ticked], name: str) -> None:
    if options.json:
        say_json({"pages": said})
        return
    for each in said:
        say(f"{each.page} ({name}): {_SAID.get(each.state, 'already so')}")
