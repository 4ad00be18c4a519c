"""Our people: sponsors, heads, KAMs, specialists, assistants, operations."""

from dataclasses import dataclass, replace

from kamflow.demo.company.words import OUR_DOMAIN, slug


@dataclass(frozen=True)
class Member:
    """One of our people. `region` is where their holidays are; `slack` where they read Slack first."""

    key: str
    name: str
    position: str
    department: str
    roles: str = "specialist"
    level: str = "other"
    superior: str = ""
    deputy: str = ""
    assistant: str = ""
    region: str = "NW"
    slack: bool = False
    digest: str = "daily"
    english: bool = False
    weekdays: str = "12345"

    @property
    def email(self) -> str:
        first, last = self.name.removeprefix("Dr. ").split(" ", 1)
        return f"{slug(first)}.{slug(last)}@{OUR_DOMAIN}"

    @property
    def slack_id(self) -> str:
        return f"U0{self.key.upper():0<8}"[:10]


def _kam(
    key: str, name: str, superior: str, deputy: str, region: str = "NW", *, slack: bool = False
) -> Member:
    position, department = "Key Account Manager", "Key Account Management"
    return Member(
        key, name, position, department, "kam", superior=superior, deputy=deputy, region=region, slack=slack
    )


STAFF = (
    Member("kruse", "Dr. Sabine Kruse", "Vorständin Vertrieb", "Vorstand", "sponsor", "board",
           assistant="zoellner", digest="first-tuesday"),
    Member("oelssner", "Martin Oelßner", "Vorstand Technik", "Vorstand", "sponsor", "board",
           assistant="zoellner", digest="monday"),
    Member("vahldiek", "Dr. Cornelia Vahldiek", "Leiterin Geschäftsfeld Mobil", "Vertrieb", "sponsor",
           "second", superior="kruse", digest="monday", slack=True),
    Member("bohnsack", "Ulrike Bohnsack", "Leiterin Key Account Management", "Key Account Management",
           "head", "second", superior="kruse", deputy="eggebrecht"),
    Member("eggebrecht", "Thorsten Eggebrecht", "Leiter Key Account Management International",
           "Key Account Management", "head", "second", superior="kruse", deputy="bohnsack", slack=True),
    _kam("witt", "Jürgen Witt", "bohnsack", "hollerbach"),
    _kam("hollerbach", "Nadine Hollerbach", "bohnsack", "witt", slack=True),
    _kam("kleinfeld", "Sebastian Kleinfeld", "bohnsack", "aydin", "BY", slack=True),
    _kam("aydin", "Merve Aydın", "bohnsack", "kleinfeld", "BW", slack=True),
    _kam("prigge", "Oliver Prigge", "bohnsack", "stoever", "NI"),
    replace(_kam("stoever", "Katharina Stöver", "bohnsack", "prigge", "SH"), weekdays="1234"),
    replace(_kam("carter", "Emily Carter", "eggebrecht", "hollerbach"), english=True),
    Member("arnst", "Birgit Arnst", "Produktmanagerin", "Produktmanagement", digest="monday"),
    Member("lech", "Georg Lech", "Leiter Logistik", "Logistik", level="second", digest="monday", slack=True),
    Member("wieland", "Hannes Wieland", "Leiter Service", "Service", level="second", digest="monday",
           region="BW", slack=True),
    Member("sander", "Yvonne Sander", "Qualitätsmanagerin", "Qualität", digest="monday"),
    Member("petzold", "Dr. Frank Petzold", "Leiter Anwendungstechnik", "Entwicklung", level="second",
           digest="monday"),
    Member("brinkmann", "Lea Brinkmann", "Marketingmanagerin", "Marketing", digest="monday", slack=True),
    Member("thiele", "Markus Thiele", "Preismanager", "Vertrieb", superior="vahldiek", digest="monday"),
    Member("maibach", "Silvia Maibach", "Vertriebscontrollerin", "Controlling"),
    Member("zoellner", "Petra Zöllner", "Assistentin des Vorstands", "Vorstand", "assistant",
           superior="kruse"),
    Member("hansen", "Dirk Hansen", "IT-Betrieb", "IT", "operations"),
)  # fmt: skip
BY_KEY = {member.key: member for member in STAFF}
# In the order in which accounts are given out; Carter has those abroad.
KAMS = ("witt", "hollerbach", "kleinfeld", "aydin", "prigge", "stoever")
ABROAD = "carter"
SPONSORS = ("kruse", "oelssner", "vahldiek")
SPECIALISTS = ("arnst", "lech", "wieland", "sander", "petzold", "brinkmann", "thiele")
LEADS = (("Logistik", "lech"), ("Service", "wieland"), ("Entwicklung", "petzold"),
         ("Key Account Management", "bohnsack"), ("Produktmanagement", "arnst"), ("Qualität", "sander"),
         ("Marketing", "brinkmann"), ("Vertrieb", "vahldiek"))  # fmt: skip

# Known on 7 September: holidays of summer and autumn. Dates, never a reason.
ABSENCES = (
    ("witt", "2026-07-20", "2026-08-07"),
    ("hollerbach", "2026-08-03", "2026-08-14"),
    ("kleinfeld", "2026-08-17", "2026-09-04"),
    ("oelssner", "2026-10-12", "2026-10-30"),
    ("vahldiek", "2026-10-12", "2026-10-23"),
    ("kruse", "2026-10-19", "2026-10-23"),
    ("lech", "2026-10-05", "2026-10-16"),
    ("carter", "2026-12-14", "2026-12-18"),
)


def people() -> list[dict[str, object]]:
    """Rows of kamflow's own template."""
    return [_row(member) for member in STAFF]


def absences() -> list[dict[str, object]]:
    return [{"person": key, "from": first, "until": last} for key, first, last in ABSENCES]


def _row(member: Member) -> dict[str, object]:
    return {
        "key": member.key,
        "name": member.name,
        "email": member.email,
        "slack_id": member.slack_id if member.slack else "",
        "position": member.position,
        "department": member.department,
        "level": member.level,
        "roles": member.roles,
        "superior": member.superior,
        "deputy": member.deputy,
        "assistant": member.assistant,
        "language": "en" if member.english else "de",
        "zone": "Europe/London" if member.english else "Europe/Berlin",
        "country": "GB" if member.english else "DE",
        "region": "ENG" if member.english else member.region,
        "weekdays": member.weekdays,
        "channel": "slack" if member.slack else "email",
        "digest": member.digest,
    }
