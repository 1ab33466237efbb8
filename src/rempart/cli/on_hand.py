"""Which database a command at a console means when nobody says it."""

import os
from pathlib import Path
from typing import Final

from rempart.cli.output import load_settings
from rempart.foundation.embedded import EmbeddedPostgres
from rempart.foundation.settings import Settings

_DEMONSTRATION: Final = Path(".demo")


def settings_on_hand() -> Settings:
    """Return the settings; the demonstration's folder only where nothing else can be meant.

    Whoever named a database or a folder, or has one of his own here, never gets the
    demonstration's: a receipt that is held against another journal would look removed.
    """
    settings = load_settings()
    if settings.database_url is not None or "REMPART_STATE_DIR" in os.environ:
        return settings
    if EmbeddedPostgres.is_made(settings.state_dir) or not _DEMONSTRATION.is_dir():
        return settings
    return Settings.load({**os.environ, "REMPART_STATE_DIR": str(_DEMONSTRATION)})
