"""Why a rule is silent, and why an open item is not told today: a sentence per code, German and English.

`{…}` are figures of the silence, if it has them.
"""

from collections.abc import Mapping

from notifications.silence_surveys import SURVEYS

# Code -> German, English. The same code means the same in every rule.
REASONS: Mapping[str, tuple[str, str]] = {
    # contacts
    "no_target": ("es ist kein Kontakt geplant (Soll 0)", "no contact is planned (Soll 0)"),
    "gone": ("jemand von beiden ist nicht mehr da", "one of the two is no longer there"),
    "covered": ("das Soll ist erreicht oder gebucht", "what was planned is held or booked"),
    "no_common_days": (
        "es gibt in diesem Zeitraum keinen gemeinsamen Arbeitstag",
        "there is no day in this period on which both work",
    ),
    "on_pace": ("es liegt im Plan", "it is on pace"),
    "too_late": (
        "für diesen Zeitraum ist es zu spät; es geht in den nächsten Plan ein",
        "it is too late for this period and goes into the next plan",
    ),
    "no_data_and_no_kam": (
        "es gibt keine Kontakte in den Daten und keinen KAM, den man fragen könnte",
        "there are no contacts in the data and no KAM to ask",
    ),
    # plans
    "no_plan_for_class": ("für diese Klasse gibt es keinen Plan", "accounts of this class have no plan"),
    "no_kam": ("der Kunde hat keinen KAM", "the account has no KAM"),
    "lapsed": ("der Zeitraum ist vorbei", "the period is over"),
    "not_started": ("die Planung hat noch nicht begonnen", "planning has not begun yet"),
    "year_begun": (
        "das Jahr läuft schon; der nächste Plan ist näher als dieser",
        "the year is under way: the next plan is nearer than this one",
    ),
    "approved": ("der Plan ist freigegeben", "the plan is approved"),
    "no_approver": ("niemand kann den Plan freigeben", "there is nobody to approve the plan"),
    "not_in_pilot": (
        "der Kunde gehört noch nicht zu denen, mit denen kamflow beginnt",
        "the account is not yet among those with which kamflow begins",
    ),
    "not_live": ("kamflow hat noch nicht begonnen", "kamflow has not begun yet"),
    "before_go_live": ("es war vor dem Start von kamflow fällig", "it was due before kamflow went live"),
    # quarters
    "not_open": ("die Zahlen des Quartals werden noch nicht angesehen", "the quarter is not looked at yet"),
    "counted_in_group": ("der Kunde zählt bei seiner Gruppe mit", "the account is counted with its group"),
    "no_controlling_for_class": (
        "für diese Klasse gibt es kein Controlling",
        "accounts of this class are not controlled",
    ),
    "commented": ("das Quartal ist kommentiert", "the quarter is commented"),
    "no_source": (
        "es gibt weder Umsatz noch ein Ziel, an dem man messen könnte",
        "there is neither revenue nor a goal to measure by",
    ),
    "no_data_and_nobody": (
        "der Umsatz fehlt, und niemand ist für die Quelle da",
        "revenue is missing and nobody owns its source",
    ),
    "no_revenue_yet": (
        "es gab hier noch nie Umsatz, und es gibt kein Ziel",
        "there was never any revenue here, and there is no goal",
    ),
    "reached": ("das Ziel ist erreicht", "the goal is reached"),
    "no_goal": ("es gibt kein Ziel", "there is no goal"),
    "small_difference": ("der Abstand zum Ziel ist klein", "the difference to the goal is small"),
    "ok": ("der Anteil am Umsatz ist unauffällig", "its share of revenue is nothing to watch"),
    "no_data": ("es gibt keine Daten", "there are no data"),
    # measures and requests
    "done": ("es ist erledigt", "it is done"),
    "no_owner": ("niemand ist zuständig", "nobody is in charge"),
    "no_date": ("es hat keinen Termin", "it has no date"),
    "not_due": ("es ist noch nicht so weit", "it is not time yet"),
    "delivered": ("es ist geliefert", "it is delivered"),
    "date_passed": ("der Termin beim Kunden ist vorbei", "the customer's date has passed"),
    "meeting_cancelled": (
        "das Jahresgespräch ist abgesagt; sie ruht, bis ein neuer Termin gebucht ist",
        "the annual meeting is cancelled; it rests until a new date is booked",
    ),
    "nobody_to_ask": ("niemand ist da, den man bitten könnte", "there is nobody to ask"),
    "refusal_read": ("die Absage ist gelesen", "the refusal is read"),
    "nobody_to_tell": ("niemand ist da, dem man es sagen könnte", "there is nobody to tell"),
    # annual meetings
    "held": ("das Gespräch hat stattgefunden", "the meeting was held"),
    "passed": ("dafür ist es zu spät", "it is too late for that"),
    "cancelled": ("das Gespräch ist abgesagt", "the meeting is cancelled"),
    "month_was_over": (
        "der geplante Monat war schon vorbei, als er bekannt wurde",
        "the planned month was over when it became known",
    ),
    "not_in_this_year": ("in diesem Jahr wird nicht mehr gefragt", "this year it is not asked for any more"),
    "no_meeting_for_class": (
        "für diese Klasse gibt es kein Jahresgespräch",
        "accounts of this class have no annual meeting",
    ),
    "known_later": (
        "das Gespräch war schon vorbei, als es bekannt wurde",
        "the meeting was over when it became known",
    ),
    "not_agreed": ("es ist noch nichts vereinbart", "nothing is agreed yet"),
    "asked": ("die Abteilung ist schon gebeten", "the department has been asked already"),
    "from_calendar": (
        "der Termin kam aus dem Kalender; dort stehen alle schon",
        "the date came from the calendar, where everybody is already",
    ),
    "has_entry": ("der Termineintrag ist schon verschickt", "the calendar entry has been sent already"),
    "not_released": ("das Briefing ist noch nicht freigegeben", "the briefing is not released yet"),
    "nobody_to_invite": ("niemand von uns ist einzuladen", "there is nobody of ours to invite"),
    "never_moved": ("der Termin wurde nie verschoben", "the date was never moved"),
    "nothing_changed": (
        "seit dem Briefing hat sich nichts geändert",
        "nothing has changed since the briefing",
    ),
    # surveys
    "no_survey_for_class": (
        "Kunden dieser Klasse werden nicht befragt",
        "accounts of this class are not surveyed",
    ),
    "no_meeting": ("es gibt kein Jahresgespräch", "there is no annual meeting"),
    **SURVEYS,
    # beside the rules
    "nothing_known": (
        "es ist nichts eingetragen, was die Regel ansehen könnte",
        "there is nothing entered that the rule could look at",
    ),
    "not_yours": ("darum kümmert sich {who}", "{who} looks after that"),
}

# What a silence is about, where a rule looks at several steps of one thing.
STEPS: Mapping[str, tuple[str, str]] = {
    "month": ("Monat des Gesprächs", "month of the meeting"),
    "arrange": ("Termin vereinbaren", "arrange the meeting"),
    "request": ("Anforderung an eine Abteilung", "request to a department"),
    "agenda": ("Agenda", "agenda"),
    "draft": ("Entwurf des Briefings", "draft briefing"),
    "release": ("Freigabe des Briefings", "release of the briefing"),
    "briefing": ("Briefing", "briefing"),
    "morning": ("Hinweis am Morgen", "note on the morning"),
    "replanned": ("Hinweis zur Verschiebung", "note on a move"),
    "calendar": ("Kalendereintrag", "calendar entry"),
    "minutes": ("Protokoll", "minutes"),
    "follow_up": ("Maßnahmen daraus", "measures from it"),
}

# Why what is open is not told to a person today.
TELLING: Mapping[str, tuple[str, str]] = {
    "off": ("der Versand ist ausgeschaltet", "delivery is off"),
    "redirect": ("alles geht an {to}", "everything goes to {to}"),
    "not_live": ("kamflow beginnt am {day}", "kamflow begins on {day}"),
    "shadow": ("bis {day} wird noch nichts gesagt", "nothing is told until {day}"),
    "left": ("die Person ist nicht mehr da", "the person is no longer there"),
    "absent": ("abwesend bis {day}", "away until {day}"),
    "day_off": ("heute ist kein Arbeitstag", "today is a day off"),
    "quiet_weeks": (
        "in ruhigen Wochen wird nur Dringendes gesagt",
        "in quiet weeks only urgent things are told",
    ),
    "no_digest": ("die Person will keine Übersicht", "the person wants no digest"),
    "digest_done": ("die heutige Übersicht ist geschrieben", "today's digest is written"),
    "not_digest_day": ("heute kommt keine Übersicht", "there is no digest today"),
    "next_digest": ("nächste Übersicht am {day}", "next digest on {day}"),
    "paused_until": ("{account}: pausiert bis {day}", "{account}: paused until {day}"),
    "snoozed": ("verschoben bis {day}", "put off until {day}"),
    "quiet_until": ("als erledigt gemeldet, still bis {day}", "said to be done, silent until {day}"),
    "data_old": (
        "wartet auf neue Daten; die letzten sind vom {day}",
        "waits for new data: the last is of {day}",
    ),
    "handed_over": ("an jemand anderen gegeben", "handed over to somebody else"),
    "told": ("zuletzt gesagt am {day}", "told last on {day}"),
    "told_next": ("zuletzt gesagt am {day}, wieder am {next}", "told last on {day}, again on {next}"),
    "told_out": (
        "zuletzt gesagt am {day}; es bleibt auf der Liste",
        "told last on {day}; it stays in the list",
    ),
    "waits": ("kommt mit der nächsten Übersicht", "comes with the next digest"),
    "urgent": ("kommt sofort in der Arbeitszeit", "comes at once, within office hours"),
}

AROUND: Mapping[str, tuple[str, str]] = {
    "silent": ("Was keine Regel sagt, und warum", "What no rule says, and why"),
    "open": (
        "Was offen ist, und warum es heute nicht gesagt wird",
        "What is open, and why it is not told today",
    ),
    "telling": ("Was das Sagen aufhält", "What holds back telling"),
    "speaks": ("würde sprechen am {day}", "would speak on {day}"),
    "unknown": ("von selbst nicht", "not by itself"),
    "nothing": ("keine Regel hat etwas dazu angesehen", "no rule looked at anything about that"),
    "as_of": ("Stand {day}", "as of {day}"),
    "source": ("Quelle {source}", "source {source}"),
    "held": ("Ist {held} von Soll {soll}", "{held} held of {soll}"),
    "last": ("zuletzt {day}", "last on {day}"),
    "booked": ("gebucht {days}", "booked {days}"),
    "due": ("fällig am {day}", "due on {day}"),
    "year": ("Jahr {period}", "year {period}"),
    "quarter": ("Quartal {period}", "quarter {period}"),
    "start": ("Beginn {day}", "begins on {day}"),
    "customer_date": ("Termin beim Kunden {day}", "customer's date {day}"),
    "others": ("{count} weitere ebenso", "{count} more likewise"),
}

RULES: Mapping[str, tuple[str, str]] = {
    "contact_shortfall": ("Kontakte", "contacts"),
    "plan_creation": ("Accountplan", "account plan"),
    "quarterly_controlling": ("Quartalszahlen", "quarterly figures"),
    "annual_meeting": ("Jahresgespräch", "annual meeting"),
    "survey_dispatch": ("Umfrage", "survey"),
    "measure_followup": ("Maßnahmen", "measures"),
    "department_requests": ("Anforderungen", "requests"),
}


def say(words: Mapping[str, tuple[str, str]], code: str, locale: str, **figures: object) -> str:
    """The sentence of a code in the language of a locale; an unknown code as it is."""
    german, english = words.get(code, (code, code))
    return (german if locale.startswith("de") else english).format(**figures)
