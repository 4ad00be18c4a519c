"""Why an account has no survey and a contact is not asked, in German and English."""

from collections.abc import Mapping

SURVEYS: Mapping[str, tuple[str, str]] = {
    "nobody_may_be_asked": ("niemand darf befragt werden", "nobody may be asked"),
    "stopped": ("die Umfrage ist angehalten", "the survey was stopped"),
    "no_score": ("die Antwort hat keine Note", "the answer has no score"),
    "reminder_instead": ("es gibt eine Erinnerung, keinen Anruf", "there is a reminder instead of a call"),
    "call_instead": ("es gibt einen Anruf, keine zweite Mail", "there is a call instead of a second mail"),
    "closed": ("die Einladung ist abgelaufen", "the invitation has ended"),
    "no_day_in_window": ("es gibt keinen Tag, an dem man fragen dürfte", "there is no day on which to ask"),
    "window_passed": ("die Zeit für die Umfrage ist vorbei", "the time for the survey has passed"),
    "account_closed": ("der Kunde ist geschlossen", "the account is closed"),
    "paused": ("der Kunde ist pausiert", "the account is paused"),
    "no_address": ("es gibt keine Adresse, die erreicht wird", "there is no address that works"),
    "objected": ("der Kontakt hat widersprochen", "the contact has objected"),
    "no_consent": ("es gibt keine Einwilligung", "there is no consent"),
    "no_notice": (
        "der Hinweis auf das Widerspruchsrecht ist nicht belegt",
        "the notice of the right to object is not on record",
    ),
    "struck": ("der KAM hat den Namen gestrichen", "the KAM struck the name"),
    "complaint": ("eine Reklamation ist offen", "a complaint is open"),
    "talks": ("es wird verhandelt", "negotiations are under way"),
    "asked_lately": ("der Kontakt wurde vor Kurzem befragt", "the contact was asked lately"),
    "wave_full": (
        "andere haben mehr Einfluss, und die Liste ist voll",
        "others weigh more, and the list is full",
    ),
    "other_wave": ("der Kontakt steht in einer anderen Umfrage", "the contact is in another survey"),
    "same_address": (
        "jemand anderes mit derselben Adresse wird gefragt",
        "another one with the same address is asked",
    ),
    "mail_failed": (
        "die Mail konnte nicht zugestellt werden (`kamflow outbox` nennt die Ursache)",
        "the mail could not be delivered (`kamflow outbox` names the cause)",
    ),
    "mail_cancelled": (
        "die Mail wurde von Hand angehalten (`kamflow outbox retry ID` sendet sie doch)",
        "the mail was stopped by hand (`kamflow outbox retry ID` sends it after all)",
    ),
    "redirected": (
        "die Mail ging an die Adresse des Pilotbetriebs; der Kontakt wird gefragt, sobald live versandt wird",
        "the mail went to the address of the pilot; the contact is asked once delivery is live",
    ),
    "quiet": ("es sind ruhige Wochen", "these are quiet weeks"),
    "season": ("um diese Zeit wird nicht gefragt", "nobody is asked at this time of the year"),
    "school_holidays": ("es sind Schulferien", "there are school holidays"),
    "not_working": ("dort wird an diesem Tag nicht gearbeitet", "nobody works there on that day"),
    "weekday": ("an diesem Wochentag wird nicht gefragt", "nobody is asked on this day of the week"),
}
