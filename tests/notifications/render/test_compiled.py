"""What our compiler writes, held against what Jinja itself would have written for the same template."""

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest
from jinja2 import TemplateAssertionError, UndefinedError
from jinja2.compiler import CodeGenerator

from notifications.render import environment as environments
from notifications.render import examples, html
from notifications.render import training_example as made
from notifications.render.compiled import Compiler
from notifications.render.item import Link
from tests.notifications.render import mails
from tests.notifications.render.test_naughty_strings import named

MACROS = """
{% macro plain(name, other) %}<{{ name }}{{ other is defined }}>{% endmacro %}
{% macro asked(name="nobody") %}{{ name }}{{ varargs }}{% endmacro %}
{% macro around(of) %}[{{ caller() }}{{ of.text }}]{% endmacro %}
{% macro outer(of) %}{% set kept = [] %}{% do kept.append(of.text) %}{{ plain(kept[0], of) }}{% endmacro %}
"""
SAID = [
    "{{ plain('a&b', 1) }}{{ plain(other=who, name=2) }}{{ outer(link) }}{{ plain(who, 1) | upper }}",
    "{{ asked() }}{{ asked(who, 7, 8) }}{{ asked(name='x') ~ who }}{% set plain = asked %}{{ plain(who) }}",
    "{% for plain in [asked] %}{{ plain(who) }}{% endfor %}{% set x = 'asked' %}{{ x }}",
    "{% call around(link) %}{{ who }}{% endcall %}{% call around({'text': who}) %}{% endcall %}",
    "{{ data['items'] }}{{ data.keys() | list }}{{ data.who }}{{ data.get(1) }}{{ data.gone is defined }}",
    "{% trans %}Proposal{% endtrans %}{{ _('Why now') }}{{ gettext('100%% of %(x)s', x=who) }}",
    "{% trans n=2, name=who %}one {{ name }}{% pluralize n %}{{ n }} of {{ name }}{% endtrans %}",
    "{{ ngettext('%(num)s day', '%(num)s days', 1) }}{{ gettext(who) }}{{ (gettext)('no') }}",
    "{% for each in pairs %}{{ loop.index }}{{ each.a.b }}{{ '<' ~ each.a.b }}{% endfor %}{{ none }}{{ 1 }}",
    "{{ pairs | selectattr('a.b') | map(attribute='a.b') | join }}{{ pairs | sum(attribute='n') }}",
    "{{ pairs | rejectattr('n', 'equalto', 2) | list | length }}{{ [link] | map(attribute='text') | first }}",
    "{{ [3, none, 1] | reject('none') | map('string') | list }}{{ gone | selectattr('x') | list if 0 }}",
    "{% set box %}{{ who }}{% endset %}{{ box }}{% filter upper %}{{ who }}{% endfilter %}{{ who | trim }}",
]


@pytest.fixture
def jinjas() -> Iterator[Any]:
    """Jinja's own compiler and filters in our environment."""
    patch = pytest.MonkeyPatch()

    def plainly() -> None:
        patch.setattr(environments._Environment, "code_generator_class", CodeGenerator)
        patch.setattr(environments, "filters", dict)
        environments.forget()

    yield plainly
    patch.undo()
    environments.forget()


def values() -> dict[str, Any]:
    pairs = [{"a": {"b": "<x>"}, "n": 1}, {"a": {"b": ""}, "n": 2}]
    data = {"who": "erased contact", "items": 3}
    return {"who": "erased contact & <b>", "link": Link("a<b", "u"), "data": data, "pairs": pairs}


def snippets() -> list[str]:
    found = []
    for language in ("de", "en"):
        env = environments.environment(language)
        for escaped in (True, False):
            env.autoescape = escaped
            found += [env.from_string(MACROS + each).render(values()) for each in SAID]
        env.autoescape = environments.escapes
    return found


def test_whatever_a_template_may_contain_says_the_same(jinjas: Any) -> None:
    ours = snippets()
    jinjas()
    assert ours == snippets()
    assert "gelöschter Ansprechpartner &amp; &lt;b&gt;" in "".join(ours)


def every_mail() -> list[Any]:
    """Each kind of message, without its charts: they are not made by templates."""
    views = [make("en-US" if number % 3 else "de") for number, make in enumerate(examples.VIEWS.values())]
    views += [named(text) for text in ("erased contact <b>", "100 % {{ 7 }}", "\u202e\\\x00", "  ")]
    letters = [examples.letters.letter(view) for view in views]
    letters += [examples.example(*each, language="de") for each in examples.NOTICES]
    letters.append(mails.drawn("de"))
    bare = [replace(each, items=tuple(replace(item, charts=()) for item in each.items)) for each in letters]
    return [(letter, html._made(letter, {})) for letter in bare]


@pytest.mark.slow
def test_every_mail_is_what_jinja_would_have_made(jinjas: Any) -> None:
    ours = every_mail()
    jinjas()
    assert ours == every_mail()


@pytest.mark.parametrize(
    ("called", "used"),
    [
        ("import 'incidents/words.j2' as words", "{{ words.wrong(it, each) }}"),
        ("from 'incidents/words.j2' import wrong with context", "{{ wrong(it, each=each) | trim }}"),
    ],
)
def test_a_page_escapes_what_plain_text_says(called: str, used: str) -> None:
    each = {"kind": "run", "about": "<b>&erased person"}
    page = environments.environment("de").from_string(f"{{% {called} %}}{used}")
    assert page.render(it=None, each=each).strip() == "&lt;b&gt;&amp;gelöschte Person lief nicht durch"


@pytest.mark.parametrize("wrong", ["{{ link.gone }}", "{{ data.gone }}", "{{ gone }}", "{{ plain() }}"])
def test_what_is_not_there_is_an_error(wrong: str) -> None:
    macros = "{% macro plain(name) %}{{ name }}{% endmacro %}"
    template = environments.environment("de").from_string(macros + wrong)
    with pytest.raises(UndefinedError):
        template.render(values())


def test_no_template_escapes_in_a_part_of_it_only() -> None:
    with pytest.raises(TemplateAssertionError, match="autoescape"):
        environments.environment("de").from_string("{% autoescape false %}{{ who }}{% endautoescape %}")


def test_a_digest_is_laid_out_in_lines_that_travel_as_they_are() -> None:
    items = (examples.classic(), examples.three_plans(), examples.quarters(), examples.measures())
    shown = html.mail(made.view(*items, examples.requests(), examples.approvals(), made.no_data())).html
    assert max(map(len, shown.encode("ascii", "xmlcharrefreplace").split(b"\n"))) < 990


def test_what_another_process_compiled_is_not_compiled_again(monkeypatch: pytest.MonkeyPatch) -> None:
    environments.forget()
    view = examples.VIEWS["plan_creation", "one"]("de")
    said, templates = html.mail(view), environments.compiled()
    environments.forget()
    monkeypatch.setattr(Compiler, "write_commons", lambda _: pytest.fail("compiled"))

    environments.take_over(templates)
    assert html.mail(view) == said
