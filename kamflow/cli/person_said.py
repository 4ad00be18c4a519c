"""What `kamflow person erase` says before and after."""

from collections.abc import Sequence

from kamflow.acts.erase import Done, Foreseen
from kamflow.acts.erased_files import Naming
from kamflow.cli.home import Desk
from kamflow.cli.printing import say, say_json
from kamflow.models.erasure import Erased
from kamflow.store.named_in_text import Hit
from kamflow.store.packing import Packed
from kamflow.store.sent_about import Sent

MOST = 40
GOES = {
    Erased.CONTACT: "name, addresses, language, consent, position, survey comments and links, external ids",
    Erased.PERSON: "name, addresses, Slack id, position, absences, roles, sign-ins, external ids, links",
}


def foreseen(desk: Desk, seen: Foreseen, files: Sequence[Naming], *, json: bool) -> None:
    """What would happen."""
    name = desk.contact_name(seen.number) if seen.kind == Erased.CONTACT else desk.person_name(seen.number)
    if json:
        say_json({**_facts(seen, files), "texts": [_hit(hit) for hit in seen.hits], "erased": False})
        return
    say(f"{seen.kind.value} {seen.number}, {name}: nothing was erased yet; --yes does it", "")
    say(f"goes: {GOES[seen.kind]}")
    counted = ", ".join(f"{count} {table}" for table, count in sorted(seen.rows.items()))
    say(f"stays, without a name: {counted or 'nothing'}")
    _texts(seen.hits, "texts that name them (--replace swaps the sure ones, the others are for a human):")
    _sent(seen)
    _files(files)


def erased(
    seen: Foreseen,
    done: Done,
    files: Sequence[Naming],
    changed: tuple[int, int],
    packed: Packed,
    *,
    json: bool,
) -> None:
    """What happened, and what is left to a human."""
    if json:
        facts = _facts(seen, files)
        facts |= {
            "texts": [_hit(hit) for hit in done.left],
            "erased": True,
            "erasure": done.erasure,
            "swapped": done.swapped,
        }
        say_json({**facts, "cancelled": done.gone.cancelled, "packed": packed.done, "said": packed.said})
        return
    say(f"erased: {seen.kind.value} {seen.number} (erasure {done.erasure})")
    say(f"  gone: {GOES[seen.kind]}")
    say(f"  {done.gone.cancelled} messages that waited for them were cancelled")
    say(f"  {done.redactions} posts in Slack are written anew by the outbox (`kamflow outbox`)")
    say(f"  {done.swapped} texts changed; files: {changed[0]} rewritten, {changed[1]} removed")
    say(f"  {packed.said}")
    say("  backups made until today hold the name until they age out; a restore erases again (erased.jsonl)")
    _texts(done.left, "left for a human, texts that name them:")
    _sent(seen)
    _files(files)


def _facts(seen: Foreseen, files: Sequence[Naming]) -> dict[str, object]:
    return {
        "kind": seen.kind.value,
        "id": seen.number,
        "rows": dict(seen.rows),
        "mails": [_mail(each) for each in seen.mails],
        "posts": [each.id for each in seen.posts],
        "files": [{"path": each.path, "ours": each.ours} for each in files],
    }


def _hit(hit: Hit) -> dict[str, object]:
    # Without the passage: operations see no content of customers.
    return {"where": hit.where, "account": hit.account, "sure": hit.sure}


def _mail(each: Sent) -> dict[str, object]:
    sent = {"id": each.id, "kind": each.kind, "template": each.template, "sent_at": each.sent_at}
    return {**sent, "to": each.to, "message_id": each.mail_id, "redirected": each.redirected}


def _texts(hits: Sequence[Hit], title: str) -> None:
    if hits:
        say("", title)
    for hit in hits[:MOST]:
        at = f" of account {hit.account}" if hit.account is not None else ""
        say(f"  {hit.where}{at}{'' if hit.sure else '  (unsure: the last name by itself)'}")
    _more(len(hits))


def _sent(seen: Foreseen) -> None:
    if seen.mails:
        say("", "mails that held them, in their readers' mailboxes:")
    for each in seen.mails[:MOST]:
        day = each.sent_at.date() if each.sent_at else "?"
        say(f"  {each.id}  {day}  {each.kind}/{each.template}  to {each.to}  {each.mail_id or ''}")
    _more(len(seen.mails))
    if seen.posts:
        say("", f"posts in Slack that held them: {len(seen.posts)}, written anew by chat.update")


def _files(files: Sequence[Naming]) -> None:
    if files:
        say("", "files that name them (--files changes those of done/ and rejects/ only):")
    for each in files[:MOST]:
        say(f"  {each.path}")
    _more(len(files))


def _more(count: int) -> None:
    if count > MOST:
        say(f"  and {count - MOST} more (--json lists all)")
