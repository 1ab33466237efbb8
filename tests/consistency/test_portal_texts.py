"""Every word of the pages is in the catalogues: none in a template, none in a script, none lost."""

import re
from pathlib import Path

from rempart.foundation.texts import Language, texts
from tests.consistency.source import PACKAGE

PORTAL = PACKAGE / "portal"
TEMPLATES = sorted((PORTAL / "templates").rglob("*.html"))
SCRIPTS = [p for p in sorted((PORTAL / "static").rglob("*.js")) if "vendor" not in p.parts]

JINJA = re.compile(r"(?s)\{#.*?#\}|\{% block width %\}\w*\{% endblock %\}|\{%.*?%\}|\{\{.*?\}\}")
TAG = re.compile(r"(?s)<!--.*?-->|<[^>]*>")
WORD = re.compile(r"[A-Za-zÀ-ÿ]{2,}")
NAMES = {"Rempart", "RPPS", "FINESS", "Ctrl", "Esc", "nbsp", "middot"}
"""What is the same in every language."""

READ_OUT = re.compile(r'(?s)\s(?:aria-label|aria-description|title|alt|placeholder)="([^"]*)"')
FOR_SCRIPTS = re.compile(r'(?s)\sdata-[\w-]+="([^"]*)"')
STORES = {"rempart demo key", "rempart counter"}
"""What browsers keep things under, and speak among pages by."""

SENTENCE = re.compile(r"[A-Za-zÀ-ÿ’']{2,},? [A-Za-zÀ-ÿ’']{2,}|[À-ÿ’«»]")
CODE = re.compile(r"[=<>{}\[\]#$();]|^[a-z-]+(?:, ?[.a-z-]+)*$")
STRING = re.compile(r""""((?:[^"\\\n]|\\.)*)"|'((?:[^'\\\n]|\\.)*)'|`((?:[^`\\]|\\.)*)`""")
COMMENT = re.compile(r"(?s)/\*.*?\*/|(?m:^\s*//[^\n]*$|(?<=[;{},)]) //[^\n]*$)")


def words_of(template: str) -> list[str]:
    """Find what a template says in words of its own; data for scripts may name things of code."""
    bare = JINJA.sub(" ", template)
    said = [TAG.sub(" ", bare), *READ_OUT.findall(bare)]
    said += [data for data in FOR_SCRIPTS.findall(bare) if SENTENCE.search(data)]
    return [word for part in said for word in WORD.findall(part) if word not in NAMES]


def sentences_of(script: str) -> list[str]:
    """Find what a script holds that reads like something said to people."""
    found = ["".join(parts) for parts in STRING.findall(COMMENT.sub("", script)) if any(parts)]
    return [
        text
        for text in found
        if SENTENCE.search(text) and not CODE.search(text) and text not in STORES
    ]


def test_templates_say_nothing_of_their_own() -> None:
    assert {p.name: words for p in TEMPLATES if (words := words_of(p.read_text()))} == {}


def test_scripts_say_nothing_of_their_own() -> None:
    found = {p.name: said for p in SCRIPTS if (said := sentences_of(p.read_text()))}
    assert found == {}


def test_what_templates_ask_for_is_there_in_both_languages() -> None:
    asked = {
        (path.name, key)
        for path in TEMPLATES
        for key in re.findall(r"""say\('([\w.]+)'(?:\)|,)""", path.read_text())
    }
    assert len(asked) > 50
    for language in Language:
        assert [one for one in sorted(asked) if one[1] not in texts(language)] == []


def test_both_languages_say_the_same_things() -> None:
    french, english = (texts(language).entries for language in Language)
    assert french.keys() ^ english.keys() == set()
    slots = {
        key: (
            set(re.findall(r"\{(\w+)\}", french[key])),
            set(re.findall(r"\{(\w+)\}", english[key])),
        )
        for key in french
    }
    assert {key: both for key, both in slots.items() if both[0] != both[1]} == {}


def test_these_rules_see_what_they_are_for() -> None:
    assert words_of("<p>Bonjour {{ say('a') }}</p>") == ["Bonjour"]
    assert words_of('<a aria-label="Close it" href="/x">{{ x }}</a>') == ["Close", "it"]
    assert words_of('<p data-sure="Really so?" data-tone="good">{{ x }}</p>') == ["Really", "so"]
    assert sentences_of('say("It did not work");') == ["It did not work"]
    assert sentences_of('say("Échec");') == ["Échec"]
    assert sentences_of('find("meta[name=one two]"); // said "to them"\n') == []


def test_nothing_is_written_into_a_page_by_hand() -> None:
    """No inline style, script or handler: the policy refuses them, and the page would break."""
    inline = re.compile(
        r"""(?i)\sstyle=|\son[a-z]+=["']|<script(?![^>]*\ssrc=)|<style|javascript:"""
    )
    assert [p.name for p in TEMPLATES if inline.search(JINJA.sub("", p.read_text()))] == []
    written = re.compile(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(")
    assert [p.name for p in SCRIPTS if written.search(p.read_text())] == []


def test_every_icon_that_is_asked_for_is_in_the_sprite() -> None:
    sprite = Path(PORTAL / "static" / "icons.svg").read_text()
    there = set(re.findall(r'<symbol id="([\w-]+)"', sprite))
    asked = {
        name
        for p in [*TEMPLATES, *SCRIPTS]
        for name in re.findall(r"""icon\('([\w-]+)'\)|icons\.svg#([\w-]+)""", p.read_text())
        for name in name
        if name
    }
    assert asked - there == set()
