"""What the interface says of itself, in each language, from the URL table: made once at a start."""

from collections.abc import Mapping
from functools import cache, partial
from importlib.metadata import version
from types import MappingProxyType

import msgspec

from rempart import routes
from rempart.api import openapi, reader
from rempart.api.parts import Documents
from rempart.foundation.settings import Settings
from rempart.foundation.texts import Language, texts


def documents(settings: Settings) -> Mapping[Language, Documents]:
    """Make the description of the interface in each language; once for the same addresses."""
    return _documents(settings.public_url, settings.signin_url, settings.intake_url)


@cache
def _documents(edge: str, signin: str, intake: str) -> Mapping[Language, Documents]:
    servers = {"edge": edge, "signin": signin, "intake": intake}
    build = partial(openapi.build, routes.PUBLISHED, servers=servers, version=version("rempart"))
    made = {}
    for language in Language:
        say = texts(language)
        document = build(say)
        made[language] = Documents(msgspec.json.encode(document), reader.render(document, say))
    return MappingProxyType(made)
