"""What only a briefing names in the training example: roles, goals, ratings."""

from collections.abc import Mapping

WORDS: Mapping[str, Mapping[str, Mapping[int, str]]] = {
    "en": {
        "roles": {1: "Decision maker", 2: "Advocate"},
        "goals": {2: "First supplier for the plant in Poland"},
        "gaps": {1: "Delivery on the agreed day", 2: "Qualification of service staff"},
        "factors": {1: "just-in-time delivery from a store nearby"},
        "actions": {1: "New logistics concept with a store in Poland"},
    },
    "de": {
        "roles": {1: "Entscheider", 2: "Fürsprecher"},
        "goals": {2: "Erstlieferant für das Werk in Polen"},
        "gaps": {1: "Lieferung am vereinbarten Tag", 2: "Qualifikation der Servicekräfte"},
        "factors": {1: "Just-in-time-Lieferung aus einem nahen Lager"},
        "actions": {1: "Neues Logistikkonzept mit Lager in Polen"},
    },
}
