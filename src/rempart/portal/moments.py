"""Says instants as people do, in Paris time."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from rempart.foundation.texts import Language

_PARIS: Final = ZoneInfo("Europe/Paris")
_FORM: Final = {
    Language.FRENCH: "d MMMM y 'à' HH:mm",
    Language.ENGLISH: "d MMMM y 'at' HH:mm",
}


def moment(instant: datetime, language: Language) -> str:
    """Return, say, ``3 mars 2027 à 14:05``."""
    return format_datetime(
        instant.astimezone(_PARIS), _FORM[language], tzinfo=_PARIS, locale=language.value
    )
