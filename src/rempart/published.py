"""What the interface says of itself, in each language, from the URL table: made once at a start."""

from collections.abc import Mapping
from functools import partial
from importlib.metadata import version

import msgspec

from rempart import routes
from rempart.api import openapi, reader
from rempart.api.parts import Documents
from rempart.foundation.settings import Settings
from rempart.foundation.texts import Language, texts


def documents(settings: Settings) -> Mapping[Language, Documents]:
    """Make the description of the interface in each language."""
    servers = {
        "edge": settings.public_url,
        "signin": settings.signin_url,
        "intake": settings.intake_url,
    }
    build = partial(openapi.build, routes.PUBLISHED, servers=servers, version=version("rempart"))
    made = {}
    for language in Language:
        say = texts(language)
        document = build(say)
        made[language] = Documents(msgspec.json.encode(document), reader.render(document, say))
    return made
