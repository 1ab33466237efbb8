"""What a web process does first of all."""

import gc
from typing import Final

from rempart.foundation.logs import configure
from rempart.foundation.settings import Settings

_UNTIL_COLLECTED: Final = 10_000
"""Objects made and not yet freed before the youngest are looked through; Python's own is 700."""


def begin() -> Settings:
    """Read the settings, log from now on, and look less often for what only a collector can free.

    What has been imported stays for good, and a question leaves next to nothing in circles.
    """
    settings = Settings.load()
    configure(settings.log_level)
    gc.collect()
    gc.freeze()
    gc.set_threshold(_UNTIL_COLLECTED)
    return settings
