"""What a survey asks beside the score: by dimension, what was expected and what was experienced.

Satisfaction is what was experienced against what was expected, so both are asked (domain.md, section 7). The
customers' words for each, German and English; a company adds its own in `[policy.survey_dispatch.wording]`.
"""

from collections.abc import Mapping

from kamflow.thresholds import Wording

KNOWN: Mapping[str, tuple[str, str]] = {
    "quality": ("Qualität der Produkte", "Quality of the products"),
    "delivery": ("Lieferung und Termintreue", "Delivery on time"),
    "service": ("Service und Hilfe bei Problemen", "Service and help with problems"),
    "contact": ("Erreichbarkeit und Auskunft", "Being reached and giving answers"),
    "price": ("Preis und Leistung", "Value for money"),
    "advice": ("Beratung und Ideen", "Advice and ideas"),
    "paperwork": ("Angebote und Rechnungen", "Quotes and invoices"),
    "innovation": ("Neue Produkte", "New products"),
}


def label(dimension: str, language: str, own: Mapping[str, Wording]) -> str:
    """A dimension in the reader's words; one that is no longer worded, by its short name."""
    german = language.lower().startswith("de")
    if dimension in own:
        return own[dimension].de if german else own[dimension].en
    if dimension in KNOWN:
        return KNOWN[dimension][0 if german else 1]
    return dimension.replace("_", " ").replace("-", " ")
