"""What the account plan asks, as codes with their sentences: for the Excel form, documents and pages.

A code is what is stored (`PlanSection.answers`, `OpenQuestion.code`); the sentences may be worded anew at
any time. Questions left without an answer become open questions ["?"]; prompts (summary, cooperation)
do not: the summary is written last, and cooperation is told in a table.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

ABOUT, POSITION, STRATEGY = 2, 4, 8
SUMMARY, COOPERATION = 1, 7


@dataclass(frozen=True, slots=True)
class Question:
    """One question of a section; `part` names the group it stands in on a form."""

    section: int
    code: str
    de: str
    en: str
    part: str = ""

    @property
    def key(self) -> str:
        """What an open question that stands for it is marked with, such as `2.finances`."""
        return f"{self.section}.{self.code}"

    def sentence(self, language: str) -> str:
        return self.en if language == "en" else self.de


ABOUT_THE_ACCOUNT = (
    Question(
        ABOUT, "market_position",
        "Wo steht der Kunde in seiner Branche, und gegen wen muss er sich dort behaupten?",
        "Where does the customer stand in its industry, and whom does it have to hold its own against?",
    ),
    Question(
        ABOUT, "potential",
        "Wie entwickelt sich sein Markt, und wie weit kann der Kunde darin noch wachsen?",
        "How is its market developing, and how far can the customer still grow in it?",
    ),
    Question(
        ABOUT, "finances",
        "Wie gesund sind seine Finanzen, und wie viel Spielraum für Investitionen lassen sie?",
        "How sound are its finances, and how much room for investment do they leave?",
    ),
    Question(
        ABOUT, "strategy",
        "Wohin will das Unternehmen: aus eigener Kraft wachsen, kooperieren, Allianzen eingehen?",
        "Where is the company heading: growth of its own, cooperations, alliances?",
    ),
    Question(
        ABOUT, "purchasing",
        "Nach welchen Grundsätzen kauft er ein, und welche Vorhaben anderer Bereiche berühren uns?",
        "By which principles does it buy, and which plans of its other departments concern us?",
    ),
    Question(
        ABOUT, "deciding",
        "Wie kommt dort eine Entscheidung zustande: ihr Weg, der erste Auftrag, der Folgeauftrag?",
        "How is a decision made there: its course, the first order, the repeat order?",
    ),
)  # fmt: skip

OWN_POSITION = (
    Question(
        POSITION, "business",
        "Was bietet der Kunde an, wer sind seine Abnehmer, und wie entsteht seine Leistung?",
        "What does the customer offer, who are its buyers, and how is it made?", "business",
    ),
    Question(
        POSITION, "buys_in",
        "Was muss er dafür zukaufen?",
        "What does it have to buy in for that?", "business",
    ),
    Question(
        POSITION, "demands",
        "Was verlangen seine eigenen Kunden von ihm?",
        "What do its own customers demand of it?", "business",
    ),
    Question(
        POSITION, "rivals",
        "Was unternehmen seine Wettbewerber gerade?",
        "What are its rivals doing at present?", "business",
    ),
    Question(
        POSITION, "difference",
        "Womit will er sich von ihnen abheben?",
        "By what does it want to stand out against them?", "business",
    ),
    Question(
        POSITION, "of_use",
        "Was aus unserem Angebot hilft ihm dabei, und was könnten wir eigens für ihn entwickeln?",
        "What of our offer helps it there, and what could we develop for it?", "business",
    ),
    Question(
        POSITION, "relationship",
        "Wie belastbar ist unsere Beziehung zu ihm?",
        "How much can our relationship with it bear?", "business",
    ),
    Question(
        POSITION, "image",
        "Welchen Ruf haben wir in seinem Haus?",
        "Which reputation do we have in its house?", "business",
    ),
    Question(
        POSITION, "prices",
        "Welche Preise sind bei ihm erreichbar, und woran messen sie sich?",
        "Which prices can be had there, and what are they measured by?", "business",
    ),
    Question(
        POSITION, "untapped",
        "Welches Potenzial liegt noch brach?",
        "Which potential still lies idle?", "business",
    ),
    Question(
        POSITION, "works_today",
        "Wie arbeitet er heute mit unseren Produkten oder mit denen des Wettbewerbers?",
        "How does it work today with our products, or with those of the rival?", "products",
    ),
    Question(
        POSITION, "problem",
        "Welche Schwierigkeit hat er dabei, und wie schwer wiegt sie für ihn?",
        "Which difficulty does it have with that, and how heavy does it weigh?", "products",
    ),
    Question(
        POSITION, "solution",
        "Wie gut löst das, was er heute einsetzt, diese Schwierigkeit?",
        "How well does what it uses today solve that difficulty?", "products",
    ),
    Question(
        POSITION, "compared",
        "Worin sieht er uns vor dem Wettbewerber, worin dahinter?",
        "Where does it see us ahead of the rival, and where behind?", "products",
    ),
    Question(
        POSITION, "benefit",
        "Wo kann sein Nutzen aus der Zusammenarbeit noch größer werden?",
        "Where can its benefit from working with us still grow?", "products",
    ),
    Question(
        POSITION, "products",
        "Welche unserer Produkte kommen für ihn in Frage?",
        "Which of our products could it use?", "products",
    ),
    Question(
        POSITION, "volumes",
        "Welche Mengen kann er abnehmen?",
        "Which volumes can it take?", "products",
    ),
    Question(
        POSITION, "next_steps",
        "Wie bauen wir unsere Stärken aus, und wie beheben wir unsere Schwächen?",
        "How do we build on our strengths, and how do we mend our weaknesses?", "products",
    ),
)  # fmt: skip

STRATEGY_NEXT_YEAR = (
    Question(
        STRATEGY, "goals",
        "Was wollen wir bei diesem Kunden im nächsten Jahr strategisch erreichen?",
        "What do we want to achieve strategically at this customer next year?",
    ),
    Question(
        STRATEGY, "contacts",
        "Welche Ansprechpartner gewinnen oder festigen wir dafür, und wer von uns?",
        "Which contacts do we win or strengthen for that, and who of us does?",
    ),
    Question(
        STRATEGY, "obstacles",
        "Welche Widerstände erwarten wir, und wie gehen wir damit um?",
        "Which obstacles do we expect, and how do we deal with them?",
    ),
)  # fmt: skip

QUESTIONS = (*ABOUT_THE_ACCOUNT, *OWN_POSITION, *STRATEGY_NEXT_YEAR)
BY_KEY: Mapping[str, Question] = MappingProxyType({each.key: each for each in QUESTIONS})

# The management summary, in the order of the form: a challenge, goals, and three of each of these.
SUMMARY_PROMPTS = (
    Question(SUMMARY, "challenge", "Wichtigste Herausforderung des kommenden Geschäftsjahres",
             "Main challenge of the coming fiscal year"),
    Question(SUMMARY, "goals", "Wichtigste Ziele bei diesem Kunden", "Main goals at this customer"),
    *(
        Question(SUMMARY, f"{code}_{number}", f"{de} {number}", f"{en} {number}")
        for code, de, en in (
            ("contact", "Wichtiger Ansprechpartner der Zukunft", "Important contact of the future"),
            ("measure", "Wichtige Maßnahme", "Important measure"),
            ("request", "Anforderung an die Geschäftsleitung des Kunden",
             "Request to the customer's management"),
        )
        for number in (1, 2, 3)
    ),
)  # fmt: skip

COOPERATION_TOPICS = (
    Question(COOPERATION, "relationship", "Qualität der Beziehung", "Quality of the relationship"),
    Question(COOPERATION, "success", "Wer bei uns für den Erfolg einsteht", "Who of us answers for success"),
    Question(COOPERATION, "projects", "Gemeinsam abgeschlossene Projekte", "Projects done together"),
    Question(COOPERATION, "satisfaction", "Zufriedenheit des Kunden", "Satisfaction of the customer"),
)
COOPERATION_FIELDS = ("state", "strengths", "weaknesses", "consequences")
