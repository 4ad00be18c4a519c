"""What mails ask of Outlook, Gmail, Apple Mail, GMX, WEB.DE and T-Online, against what caniemail measured."""

from pathlib import Path

import pytest

from tests import shared_data
from tests.notifications.render import mails
from tests.notifications.render.mail_features import CLIENTS, PLAIN, gaps, used

# What not every one of them gives, or not in every form, and why it may stand in a mail all the same.
EXCEPTIONS = {
    # Dark mode: without it the mail is light, and every pair of colours has its contrast there too.
    "css-at-media-prefers-color-scheme": "elsewhere the mail stays light",
    "css-color-scheme": "the same, said a second time for Apple Mail",
    "html-meta-color-scheme": "the same, said a third time for Apple Mail",
    "css-selector-attribute": "[data-ogsc] is there for Outlook on the web and on phones, which set it",
    "css-selector-child": "the dark ground of a card, for Apple Mail and Outlook on a Mac",
    "css-important": "only within <style>, to win against what stands inline",
    # <style>: every look stands inline as well; the sheet adds phones and dark mode.
    "html-style": "without it the mail looks as on a desk: tables shrink, nothing is lost",
    "css-at-media": "narrower edges on a phone, and wide tables one block a row",
    "css-selector-class": "works wherever <style> does",
    "css-selector-descendant": "works wherever <style> does",
    "css-selector-grouping": "works wherever <style> does",
    "css-selector-id": "MJML: for Outlook 2003",
    "css-selector-type": "MJML: resets of table, img and p; ours stand inline",
    # Outlook on Windows draws with Word, GMX and WEB.DE drop some properties: corners and gaps get plainer.
    "css-border-radius": "corners are square there",
    "css-display": "inline-block: a chip flows as text there, a button keeps its border",
    "css-display-none": "in a phone's browser Gmail shows the preheader and hidden column names",
    "css-max-width": "pictures, bars and columns have a width of their own there",
    "css-max-height": "MJML hides the preheader by display:none as well",
    "css-opacity": "MJML hides the preheader by display:none as well",
    "css-overflow": "MJML hides the preheader by display:none as well",
    "css-outline": "MJML: a reset of images",
    "css-padding": "cells have it everywhere; Outlook draws chips tighter, the button has its own",
    "css-margin": "none below 0, none on a span, and where it is auto align says the same",
    "css-border": "1 px on table cells, which works",
    "css-table-layout": "a progress bar's parts have their widths as attributes too",
    "css-white-space": "nowrap of cells is an attribute too, which Outlook takes",
    "css-word-break": "a name longer than a line breaks somewhere else, or widens the mail",
    "css-word-spacing": "MJML: normal, which is what is",
    "css-letter-spacing": "0.2 px: nobody sees the difference",
    "css-line-height": "px may differ by some in Outlook",
    "css-font-weight": "600 is bold in Outlook, which is meant",
    "css-text-decoration": "underline and none only, which work",
    "css-text-align": "left, right and center only, which work",
    "css-background": "a colour only, which works",
    "css-background-color": "written as #rrggbb, which works",
    "css-font-size": "in px, which works",
    "css-width": "tables and cells only; an image has its attribute",
    "css-height": "a bar's cell has its line-height too",
    "css-direction": "ltr, which is what is",
    "html-align": "of cells and text, which works; no table is set left or right",
    "html-width": "an image's is in pixels, which works; Outlook does not scale it at 120 dpi",
    "html-height": "in pixels, which works",
    "html-body": "web mail makes a <div> of it, which .k-body is for",
    "html-doctype": "Word draws without one; nothing depends on it",
    # For screen readers, where the program leaves it in.
    "html-aria-hidden": "a bar is read as an empty cell there; the line below says the same in words",
    "html-aria-label": "MJML: the title of the mail",
    "html-role": "a table of the layout is announced as a table there",
    "html-lang": "the program's language is used to read it aloud there",
    "html-dir": "ltr, which is what is",
}


@pytest.fixture
def measured() -> Path:
    return shared_data.path("oracle_caniemail") / "features_2026-06"


def without_reason(features: set[str], measured: Path) -> dict[str, object]:
    """What caniemail does not know, or what does not work somewhere and has no exception."""
    found = {feature: gaps(measured, feature) for feature in features - PLAIN - EXCEPTIONS.keys()}
    return {feature: places for feature, places in found.items() if places is None or places}


@pytest.fixture(scope="module")
def asked() -> set[str]:
    """What all examples use together."""
    return set().union(*(used(mails.mail(*example).html) for example in mails.EVERY))


def test_what_a_mail_uses_works_everywhere_or_has_a_reason(asked: set[str], measured: Path) -> None:
    assert without_reason(asked, measured) == {}


def test_every_exception_is_used_and_needed(asked: set[str], measured: Path) -> None:
    assert EXCEPTIONS.keys() <= asked
    assert not [feature for feature in EXCEPTIONS if not gaps(measured, feature)]
    assert not [feature for feature in PLAIN if gaps(measured, feature) is not None]


@pytest.mark.parametrize(
    ("html", "feature"),
    [
        ('<div style="display:flex">', "css-display-flex"),
        ('<p style="background: url(x.png)">', "css-background-image"),
        ("<style>@import 'x';</style>", "css-at-import"),
        ("<style>p:has(a) { color: red }</style>", "css-pseudo-class-has"),
        ('<p style="width: calc(100% - 2em)">', "css-unit-calc"),
        ("<video></video>", "html-video"),
        ('<p style="zoom: 2">', "css-zoom"),
    ],
)
def test_what_does_not_work_everywhere_is_found(html: str, feature: str, measured: Path) -> None:
    assert feature in without_reason(used(html), measured)


def test_all_six_mail_programs_were_measured(measured: Path) -> None:
    clients = {place.partition(".")[0] for place in gaps(measured, "css-at-media-prefers-color-scheme") or {}}
    assert clients == set(CLIENTS) - {"apple-mail"}
