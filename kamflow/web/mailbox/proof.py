"""Whether a mail comes from where it says.

Anybody can write any address into From. A reply proves itself by the token of its address. Beside that our
own mail server knows: it writes Authentication-Results (RFC 8601) above what came from outside. Only its own,
named by `mailbox.authserv_id` and the topmost, counts; what a stranger wrote stands below.
"""

import re
from email.message import Message

_RESULT = re.compile(r"\b(dmarc|dkim)\s*=\s*pass\b([^;]*)", re.IGNORECASE)
_SIGNED_BY = re.compile(r"\bheader\.(?:d|i|from)\s*=\s*\"?(?:[^\s\"@;]*@)?([A-Za-z0-9.-]+)", re.IGNORECASE)
_COMMENT = re.compile(r"\([^()]*\)")


def passes(head: Message, sender: str, authserv_id: str | None) -> bool:
    """Tell whether our server found the sender's address to be true; without its name nothing is asked."""
    if authserv_id is None:
        return True
    domain = sender.rpartition("@")[2]
    return any(_true(each, domain) for each in _ours(head, authserv_id.casefold()))


def _ours(head: Message, authserv_id: str) -> list[str]:
    """What our server wrote: the first ones, as long as they are its own."""
    found: list[str] = []
    for said in head.get_all("Authentication-Results", []):
        line = _COMMENT.sub(" ", " ".join(str(said).split()))
        words = line.partition(";")[0].split()
        if not words or words[0].casefold() != authserv_id:
            break
        found.append(line.partition(";")[2])
    return found


def _true(line: str, domain: str) -> bool:
    for method, rest in _RESULT.findall(line):
        signed = [each.casefold() for each in _SIGNED_BY.findall(rest)]
        if any(_aligned(each, domain) for each in signed):
            return True
        if method.lower() == "dmarc" and not signed:
            return True  # DMARC is about From by itself
    return False


def _aligned(signed: str, domain: str) -> bool:
    return signed == domain or domain.endswith(f".{signed}")
