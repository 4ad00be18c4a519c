"""Everything kamflow raises on purpose.

KamflowError
 ├── ConfigError          a setting is missing, wrong or in the wrong place
 ├── InputError           what a person or a file handed in cannot be used
 │    ├── Refused         an import as a whole is refused, nothing was written
 │    ├── NotFound        no such person, account, nudge, message …
 │    └── NotAllowed      this person may not do that
 ├── StoreError           the database is not what this version needs
 │    ├── NotMigrated     the schema is older or newer than the code
 │    └── NotAdopted      the home is a copy: nothing may be sent from it
 └── DeliveryError        a channel did not take a message
      ├── Temporary       try again later (retry_after seconds where the other side said so)
      ├── Permanent       trying again is useless: fall back or list with its cause
      └── Ambiguous       it may or may not have arrived: look before sending again

A message says what is wrong, where, and what to do.
"""


class KamflowError(Exception):
    """Root of every error that is told to a person without a traceback."""


class ConfigError(KamflowError):
    """A setting is missing, wrong or in the wrong place."""


class InputError(KamflowError):
    """What a person or a file handed in cannot be used."""


class Refused(InputError):
    """An import is refused as a whole; nothing was written."""


class NotFound(InputError):
    """There is no such row."""


class NotAllowed(InputError):
    """This person may not do that."""


class StoreError(KamflowError):
    """The database is not what this version needs."""


class NotMigrated(StoreError):
    """The schema is older or newer than the code."""


class NotAdopted(StoreError):
    """The home is a copy or was restored: nothing may be sent from it until `kamflow adopt`."""


class DeliveryError(KamflowError):
    """A channel did not take a message. `cause` is a short stable word for lists and metrics; `retry_after`
    in seconds where the other side named a time."""

    def __init__(self, message: str, *, cause: str, retry_after: float | None = None) -> None:
        super().__init__(message)
        self.cause: str = cause
        self.retry_after: float | None = retry_after


class Temporary(DeliveryError):
    """Try again later."""


class Permanent(DeliveryError):
    """Trying again is useless."""


class Ambiguous(DeliveryError):
    """The answer was lost: it may or may not have arrived."""
