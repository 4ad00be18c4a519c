"""SPF, DKIM and DMARC of the sender's domain: without them mails end as spam, or nowhere."""

from collections.abc import Callable, Iterator

from flows.runtime import Home
from kamflow.cli.checks.finding import Finding
from notifications.message import mailbox

SECONDS = 5.0
Look = Callable[[str], list[str]]  # name -> its TXT records; none: []


class Silent(Exception):
    """DNS does not answer."""


def sender(home: Home, selector: str | None, look: Look | None = None) -> Iterator[Finding]:
    """What the world may know of the sender; `selector` is that of DKIM, which only the mail server knows."""
    domain = mailbox(home.settings.smtp.sender).address.rpartition("@")[2]
    look = look or texts
    try:
        spf = [each for each in look(domain) if each.lower().startswith("v=spf1")]
        dmarc = [each for each in look(f"_dmarc.{domain}") if each.lower().startswith("v=dmarc1")]
        yield from _spf(domain, spf)
        yield from _dkim(domain, selector, look)
        yield from _dmarc(domain, dmarc)
    except Silent:
        yield Finding("dns", "mind", "DNS does not answer: SPF, DKIM and DMARC were not looked at")


def _spf(domain: str, found: list[str]) -> Iterator[Finding]:
    if len(found) == 1:
        yield Finding("dns", "ok", f"SPF of {domain}: {found[0]}")
    else:
        what = f"{domain} has {'two SPF records' if found else 'no SPF record'}"
        yield Finding("dns", "mind", what, "one TXT record v=spf1 that names your mail server")


def _dkim(domain: str, selector: str | None, look: Look) -> Iterator[Finding]:
    if selector is None:
        yield Finding("dns", "ok", "DKIM was not looked at: say its --dkim-selector")
        return
    name = f"{selector}._domainkey.{domain}"
    keys = [each for each in look(name) if "p=" in each]
    if keys and not keys[0].replace(" ", "").rstrip(";").endswith("p="):
        yield Finding("dns", "ok", f"DKIM: {name} has a key")
    else:
        yield Finding("dns", "mind", f"DKIM: no key at {name}", "ask who runs the mail server")


def _dmarc(domain: str, found: list[str]) -> Iterator[Finding]:
    if found:
        yield Finding("dns", "ok", f"DMARC of {domain}: {found[0]}")
    else:
        todo = f"a TXT record at _dmarc.{domain}, at first v=DMARC1; p=none; rua=mailto:…"
        yield Finding("dns", "mind", f"{domain} has no DMARC record", todo)


def texts(name: str) -> list[str]:
    """The TXT records of a name.

    Raises:
        Silent: nobody answers.
    """
    from dns import exception, resolver

    try:
        found = resolver.resolve(name, "TXT", lifetime=SECONDS)
    except (resolver.NXDOMAIN, resolver.NoAnswer):
        return []
    except (exception.DNSException, OSError):
        raise Silent from None
    return [b"".join(each.strings).decode("utf-8", "replace") for each in found]
