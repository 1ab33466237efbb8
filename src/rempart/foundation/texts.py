"""Every text that a person reads, by key, in French or English, from the catalogues in locale/."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cache
from importlib.resources import files
from io import BytesIO
from typing import Final

from babel.messages.pofile import read_po

_HEADER_LIMIT: Final = 200
"""Characters of an Accept-Language header that are read; what follows is left unread."""

_UNITS: Final = "heures?|minutes?|secondes?|jours?|semaines?|mois|ans?|octets|Mio|[%€]"
_STAYS: Final = re.compile(rf" (?=[:;!?»%€])|(?<=«) |(?<=[0-9}}#]) (?=(?:{_UNITS})\b|[0-9]{{3}}\b)")
"""Blanks at which French breaks no line: within guillemets, before high signs and units."""


class Language(StrEnum):
    """The languages that texts exist in; the first is the default."""

    FRENCH = "fr"
    ENGLISH = "en"


@dataclass(frozen=True, slots=True)
class Texts:
    """One language's texts."""

    language: Language
    entries: Mapping[str, str]

    def __call__(self, key: str, **values: object) -> str:
        """Return the text under a key, its ``{names}`` filled in; `KeyError` for an unknown key.

        Values are our own (a limit, a field's public name), never something that came from outside.
        """
        text = self.entries[key]
        return text.format_map(values) if values else text

    def __contains__(self, key: str) -> bool:
        """Whether there is a text under this key."""
        return key in self.entries


@cache
def texts(language: Language) -> Texts:
    """Load one language's catalogues, every ``.po`` file of its folder; once a process."""
    entries: dict[str, str] = {}
    for name, content in _catalogues(language):
        for message in read_po(BytesIO(content), locale=language.value, abort_invalid=True):
            if not message.id:
                continue  # the header
            key, text = message.id, message.string
            if not isinstance(key, str) or not isinstance(text, str) or not text:
                raise ValueError(f"{language}/{name}: plural or untranslated entry")
            if key in entries:
                raise ValueError(f"{language}/{name}: a key that another catalogue has")
            entries[key] = text
    return Texts(language, entries)


@cache
def typeset(language: Language) -> Texts:
    """Return the texts as a page has them: in French no line breaks where it must not."""
    plain = texts(language)
    if language is not Language.FRENCH:
        return plain
    return Texts(language, {key: unbroken(text) for key, text in plain.entries.items()})


def unbroken(text: str) -> str:
    """Put no-break spaces where French typography has them; the catalogues have plain ones."""
    return _STAYS.sub("\N{NO-BREAK SPACE}", text)


def _catalogues(language: Language) -> Iterator[tuple[str, bytes]]:
    folder = files("rempart").joinpath("locale", language.value)
    for file in sorted(folder.iterdir(), key=lambda entry: entry.name):
        if file.name.endswith(".po"):
            yield file.name, file.read_bytes()


def negotiate(accept_language: str | None) -> Language:
    """Choose by an Accept-Language header (RFC 9110, 12.5.4); French when it does not say.

    A header that makes no sense is one that does not say: language never refuses anything.
    """
    best, best_quality = Language.FRENCH, 0.0
    for part in (accept_language or "")[:_HEADER_LIMIT].split(","):
        tag, _, parameters = part.strip().partition(";")
        language = _known(tag)
        quality = _quality(parameters)
        if language is not None and quality > best_quality:
            best, best_quality = language, quality
    return best


def from_environment(environ: Mapping[str, str]) -> Language:
    """Choose as gettext does, by LC_ALL, LC_MESSAGES, LANG; English where none says French."""
    for name in ("LC_ALL", "LC_MESSAGES", "LANG"):
        if value := environ.get(name, ""):
            return _known(value.partition("_")[0].partition(".")[0]) or Language.ENGLISH
    return Language.ENGLISH


def _known(tag: str) -> Language | None:
    primary = tag.strip().partition("-")[0].lower()
    if primary == "*":
        return Language.FRENCH
    return next((language for language in Language if language == primary), None)


def _quality(parameters: str) -> float:
    name, _, value = parameters.strip().partition("=")
    if not name:
        return 1.0
    try:
        quality = float(value) if name.strip() == "q" else 0.0
    except ValueError:
        return 0.0
    return quality if 0.0 <= quality <= 1.0 else 0.0
