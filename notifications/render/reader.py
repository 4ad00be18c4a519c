"""Who reads a message, when, and the names as this reader may see them."""

from datetime import date
from urllib.parse import quote

from kamflow.store.names import Names
from notifications.render.environment import said
from notifications.render.formats import Formats
from notifications.render.literal import clean, clip

# Longer texts are cut: no message gets too long for its channel by one name.
LONGEST = 600
_LONGEST_URL = 2000


class Reader:
    """Who reads, when, and the names as this reader may see them; `unknown` is what a gap is called."""

    def __init__(
        self,
        names: Names,
        formats: Formats,
        unknown: str,
        account_url: str | None = None,
        limit: int = LONGEST,
    ) -> None:
        self.formats = formats
        self.today: date = formats.today
        self._names = names
        self._unknown = unknown
        self._account_url = account_url
        self._limit = limit
        # Lines, labels and cells reach a post or a paper by no template, which would say it otherwise.
        self._said = said(formats.locale)

    def brief(self, limit: int) -> "Reader":
        """The same reader with long names cut: for a subject line."""
        return Reader(self._names, self.formats, self._unknown, self._account_url, limit)

    def person(self, number: int) -> str:
        return self._shown(self._names.persons.get(number))

    def contact(self, number: int) -> str:
        known = self._names.contacts.get(number)
        return self._shown(known.name if known else None)

    def position(self, contact: int) -> str:
        """What the contact is there, or nothing."""
        known = self._names.contacts.get(contact)
        return self._known(known.position if known else None)

    def account(self, number: int | None) -> str:
        known = self._names.accounts.get(number) if number is not None else None
        return self._shown(known.name if known else None)

    def url(self, account: int | None) -> str | None:
        """The account's page in the CRM, where it has an id there."""
        known = self._names.accounts.get(account) if account is not None else None
        if known is None or not known.crm_id or not self._account_url:
            return None
        url = self._account_url.replace("{id}", quote(known.crm_id, safe="", errors="replace"))
        return url if len(url) <= _LONGEST_URL else None

    def topic(self, target: int) -> str:
        return self._known(self._names.targets.get(target))

    def question(self, number: int) -> str:
        return self._shown(self._names.questions.get(number))

    def measure(self, number: int) -> str:
        return self._shown(self._names.measures.get(number))

    def request(self, number: int) -> str:
        """What is asked for in the KAM's own words, or nothing."""
        return self._known(self._names.requests.get(number))

    def department(self, number: int) -> str:
        return self._shown(self._names.departments.get(number))

    def service(self, number: int) -> str:
        return self._shown(self._names.services.get(number))

    def text(self, kind: str, number: int) -> str:
        """The free text of a row (`complaints`, `notes`, `returns`, `places`), or nothing."""
        return self._known(getattr(self._names, kind).get(number))

    def plain(self, text: str) -> str:
        """A word from the data that is no id: a product group, a source, a kind of request."""
        return self._shown(text)

    def _shown(self, text: str | None) -> str:
        return self._known(text) or clip(self._unknown, self._limit)

    def _known(self, text: str | None) -> str:
        """The text in one line, not too long, an erased name in it in the reader's language; "" for a gap."""
        return self._said(clip(clean(text or "").strip(), self._limit))
