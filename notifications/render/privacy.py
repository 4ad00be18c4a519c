"""The papers for data protection and the works council: Markdown, of the catalogue also CSV and Excel."""

import csv
import tomllib
from collections.abc import Mapping, Sequence
from datetime import date
from functools import cache
from io import StringIO
from typing import Any

from babel.dates import format_skeleton

from kamflow.policy import Policy
from kamflow.settings import Settings
from kamflow.store import catalogue
from kamflow.store.catalogue import LANGUAGES, Entry
from notifications.render.environment import environment, folder
from notifications.render.formats import Formats, locale_of
from notifications.render.xlsx import Sheet, workbook

# The rules whose open items somebody else is told of.
LADDER = (
    *("plan_creation", "quarterly_controlling", "measure_followup"),
    *("annual_meeting", "survey_dispatch", "department_requests"),
)
PAPERS: Mapping[str, tuple[str, ...]] = {
    "de": ("catalogue", "record", "works_agreement", "contacts"),
    "en": ("catalogue", "record", "contacts"),
}
NAMES = {
    ("de", "catalogue"): "datenkatalog",
    ("de", "record"): "verzeichnis-von-verarbeitungstaetigkeiten",
    ("de", "works_agreement"): "anlage-zur-betriebsvereinbarung",
    ("de", "contacts"): "information-fuer-ansprechpartner",
    ("en", "catalogue"): "data-catalogue",
    ("en", "record"): "record-of-processing-activities",
    ("en", "contacts"): "information-for-contacts",
}
HEADS = {
    "de": (
        *("Tabelle", "Feld", "Typ", "Kategorie", "Bedeutung", "Zweck"),
        *("Rechtsgrundlage (Vorschlag)", "Einsicht", "Herkunft", "Aufbewahrung"),
    ),
    "en": (
        *("table", "field", "type", "category", "meaning", "purpose"),
        *("legal basis (suggested)", "who sees it", "origin", "kept"),
    ),
}


@cache
def said() -> Mapping[str, Any]:
    """What was written down about tables and columns."""
    return tomllib.loads((folder() / "privacy" / "catalogue.toml").read_text(encoding="utf-8"))


def pack(settings: Settings, policy: Policy, today: date, version: str) -> dict[str, bytes]:
    """File name -> content of every paper."""
    files: dict[str, bytes] = {}
    for language in LANGUAGES:
        entries = catalogue.entries(
            said(), language, settings.retention, works_council=settings.works_council
        )
        made = {"day": Formats(locale_of(language), today).dated(today), "version": version}
        facts = _facts(settings, policy, language, entries) | made
        for paper in PAPERS[language]:
            template = environment(language).get_template(f"privacy/{language}/{paper}.md.j2")
            files[f"{NAMES[language, paper]}.md"] = template.render(facts).encode()
        rows, name = _rows(entries, language), NAMES[language, "catalogue"]
        files[f"{name}.csv"] = _csv(HEADS[language], rows)
        sheet = Sheet(name, HEADS[language], ("text",) * len(HEADS[language]), rows)
        files[f"{name}.xlsx"] = workbook([sheet], today, title=name)
    return files


def _facts(settings: Settings, policy: Policy, language: str, entries: Sequence[Entry]) -> dict[str, Any]:
    personal = [each for each in entries if {"employee", "contact"} & set(each.kinds)]
    cadence = policy.cadence
    return {
        "company": settings.company.name,
        "entries": entries,
        "kinds": catalogue.kind_names(said(), language),
        "tables": {kind: [each.name for each in entries if kind in each.kinds] for kind in catalogue.KINDS},
        "purposes": list(dict.fromkeys(each.purpose for each in personal)),
        "bases": list(dict.fromkeys(each.basis for each in personal if each.basis != _none(language))),
        "keep": settings.retention,
        "works_council": settings.works_council,
        "smtp": settings.smtp.host,
        "slack": settings.slack.token is not None,
        "slack_reference": settings.slack.detail == "reference",
        "oidc": settings.web.oidc.issuer is not None,
        "mailbox": settings.mailbox.host is not None,
        "heartbeat": settings.heartbeat_url is not None,
        "objection": settings.survey.objection_address,
        "session_hours": settings.web.session_hours,
        "digest_at": f"{cadence.digest_at:%H:%M}",
        "now_from": cadence.now_from.hour,
        "now_until": cadence.now_until.hour,
        "items": cadence.items,
        "quiet_from": _day(cadence.quiet_from, language),
        "quiet_until": _day(cadence.quiet_until, language),
        "head_after": {rule: getattr(policy, rule).head_after for rule in LADDER},
        "lead_before": policy.department_requests.lead_before,
    }


def _day(said: str, language: str) -> str:
    """A day of every year, given as month and day."""
    month, day = map(int, said.split("-"))
    return format_skeleton("MMMMd", date(2000, month, day), locale=locale_of(language))


def _none(language: str) -> str:
    return said()["basis"]["none"][LANGUAGES.index(language)]


def _rows(entries: Sequence[Entry], language: str) -> list[tuple[str, ...]]:
    kinds = catalogue.kind_names(said(), language)
    return [
        (each.name, column.name, column.type, kinds[column.kind], column.meaning, each.purpose, each.basis,
         each.sees, each.origin, each.kept)
        for each in entries
        for column in each.columns
    ]  # fmt: skip


def _csv(head: Sequence[str], rows: Sequence[Sequence[str]]) -> bytes:
    """With the mark by which Excel knows UTF-8."""
    out = StringIO(newline="")
    writer = csv.writer(out, delimiter=";")
    writer.writerow(head)
    writer.writerows(rows)
    return out.getvalue().encode("utf-8-sig")
