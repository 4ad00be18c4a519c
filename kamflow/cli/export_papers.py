"""The documents that `kamflow export` writes: the account plan on paper, the folder for the customer."""

from collections.abc import Iterable
from pathlib import Path

from kamflow.acts import folder as folders
from kamflow.acts import rights
from kamflow.acts.folder import Standing
from kamflow.cli.export_forms import Asked, plan_forms, seen_late
from kamflow.cli.folder import gathered
from kamflow.cli.home import Desk
from kamflow.cli.printing import warn
from kamflow.documents.customer_folder.folder import ready as ready_now
from kamflow.errors import InputError
from kamflow.intake.forms import plan_export
from kamflow.periods import label
from kamflow.store import own_policy, plan_document
from notifications.render import folder_document
from notifications.render import plan_document as plan_paper
from notifications.render.house import House


def plan(asked: Asked) -> Path:
    """Write the plan of an account as PDF.

    Raises:
        NotAllowed: who asks is not of its team; operations read no plan.
    """
    account, home = asked.the_account("plan"), asked.home
    rights.for_account(asked.session, asked.actor, account, "read its plan", home.today())
    form = plan_export.load(plan_forms(asked), account, asked.year)
    policy = own_policy.of_account(asked.session, home.policy, account.id or 0, form.today)
    company = home.settings.company
    around = plan_document.Around(
        company.currency,
        company.zone,
        label(form.year, *asked.years),
        policy.plan_creation.stale_after,
        seen_late(asked),
    )
    facts = plan_document.facts(asked.session, form, around)
    path = asked.path("plan", account.key)
    language = asked.spoken if asked.language else company.language
    path.write_bytes(plan_paper.paper(facts, language, House.of(home.settings)))
    return path


def folder(asked: Asked) -> list[Path]:
    """Write what is ticked of the folder for the customer: .pdf, .zip, or both into a folder.

    Raises:
        InputError: no page is ticked as it is now.
        NotAllowed: who asks is not of the account's team.
    """
    account = asked.the_account("folder")
    desk = Desk(asked.session, asked.actor, asked.home.now(), asked.home)
    found = gathered(desk, account.key)
    left = [each for each in folders.pages(asked.session, found) if each.state != "ticked"]
    ready = ready_now(found.folder, found.ticks)
    if not ready.pages:
        raise InputError(f"nothing of the folder may be handed over: {_left_out(left)}")
    if left:
        warn(f"left out: {_left_out(left)}")
    language, house = asked.language or ready.language, House.of(asked.home.settings)
    out = asked.out or Path()
    stem = folder_document.stem(language)
    if out.suffix == ".pdf":
        return [_written(out, folder_document.paper(ready, language, house))]
    if out.suffix == ".zip":
        return [_written(out, folder_document.archive(ready, language, house))]
    out.mkdir(parents=True, exist_ok=True)
    return [
        _written(out / f"{stem}.pdf", folder_document.paper(ready, language, house)),
        _written(out / f"{stem}.zip", folder_document.archive(ready, language, house)),
    ]


def _left_out(pages: Iterable[Standing]) -> str:
    why = {"open": "not ticked", "changed": "changed since it was ticked"}
    return ", ".join(f"{each.page} ({why[each.state]})" for each in pages)


def _written(path: Path, content: bytes) -> Path:
    path.write_bytes(content)
    return path
