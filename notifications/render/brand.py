"""Colours and type, in one place for every channel; each text colour has its ground beside it.

`tests/notifications/render/test_brand.py` holds every pair to a contrast of 4.5.
"""

from dataclasses import dataclass

# Inter where it is installed. Not Roboto, Ubuntu, Lato or Open Sans: for these MJML adds a link to a font
# server, and nothing may be loaded over the network.
FONT = "Inter, -apple-system, 'Segoe UI', 'Helvetica Neue', Arial, sans-serif"


@dataclass(frozen=True, slots=True)
class Palette:
    """Colours of one scheme. `*_ground` lies behind the colour of the same name."""

    ground: str
    card: str
    ink: str
    muted: str
    hairline: str
    accent: str
    tint: str
    held: str
    booked: str
    open: str
    over: str
    over_ground: str
    due: str
    due_ground: str
    calm: str
    calm_ground: str

    @property
    def pairs(self) -> tuple[tuple[str, str], ...]:
        """Text and the ground it stands on."""
        on_card = tuple((text, self.card) for text in (self.ink, self.muted, self.accent))
        on_ground = tuple((text, self.ground) for text in (self.ink, self.muted, self.accent))
        on_tint = ((self.ink, self.tint), (self.accent, self.tint))
        chips = ((self.over, self.over_ground), (self.due, self.due_ground), (self.calm, self.calm_ground))
        return on_card + on_ground + on_tint + chips


# No pure white text and no pure black ground: clients that invert colours by themselves keep the steps.
LIGHT = Palette(
    ground="#f3f2ed",
    card="#ffffff",
    ink="#1a2330",
    muted="#586371",
    hairline="#e4e2da",
    accent="#0b5f67",
    tint="#eaf3f2",
    held="#12808a",
    booked="#8fcacd",
    open="#e2e1da",
    over="#9c1c17",
    over_ground="#fbe9e6",
    due="#744600",
    due_ground="#fbf0d9",
    calm="#414c59",
    calm_ground="#eef0f0",
)
DARK = Palette(
    ground="#11161b",
    card="#1b2229",
    ink="#ebeef1",
    muted="#a6b1bc",
    hairline="#313b45",
    accent="#74cdd3",
    tint="#1b3136",
    held="#56b9c1",
    booked="#2d6d74",
    open="#38434e",
    over="#ffb3ab",
    over_ground="#48211f",
    due="#f2cb86",
    due_ground="#3f311a",
    calm="#c8d0d8",
    calm_ground="#2a333c",
)
