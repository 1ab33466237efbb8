"""Says instants as people do, in Paris time."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

from babel.dates import format_datetime

from rempart.foundation.texts import Language

_PARIS: Final = ZoneInfo("Europe/Paris")
_FORM: Final = {
    Language.FRENCH: "d\N{NO-BREAK SPACE}MMMM y 'à\N{NO-BREAK SPACE}'HH:mm",
    Language.ENGLISH: "d\N{NO-BREAK SPACE}MMMM y 'at\N{NO-BREAK SPACE}'HH:mm",
}


def moment(instant: datetime, language: Language) -> str:
    """Return, say, ``3 mars 2027 à 14:05``; a line may break before the year and the hour."""
    return format_datetime(
        instant.astimezone(_PARIS), _FORM[language], tzinfo=_PARIS, locale=language.value
    )
