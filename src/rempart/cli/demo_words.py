"""Writes numbers, dates, rates and durations as people read them, in one language."""

from datetime import date

from babel.dates import format_date
from babel.numbers import format_decimal

from rempart.foundation.texts import Texts

_MINUTE_H, _DAY_H = 1 / 60, 24.0


class Words:
    """One language's texts, with the ways of writing values that go into them."""

    def __init__(self, texts: Texts) -> None:
        """Take the texts of one language."""
        self._texts = texts
        self._locale = texts.language.value

    def say(self, key: str, **values: object) -> str:
        """The text under ``demo.KEY``, numbers in it written in the language's way."""
        written = {
            name: self.number(value) if isinstance(value, int) else value
            for name, value in values.items()
        }
        return self._texts(f"demo.{key}", **written)

    def outcome(self, outcome: str) -> str:
        """The title of an outcome."""
        return self._texts(f"outcome.{outcome}.title")

    def number(self, value: float) -> str:
        """A count: `50,000`, `50 000`."""
        return format_decimal(value, locale=self._locale)

    def seconds(self, value: float) -> str:
        """A duration in seconds, one decimal."""
        return format_decimal(round(value, 1), format="0.0", locale=self._locale) + " s"

    def day(self, value: date) -> str:
        """A date in words."""
        return format_date(value, format="long", locale=self._locale)

    def rate(self, basis_points: int) -> str:
        """A rate given in basis points: `100 %`."""
        percent = format_decimal(basis_points / 100, locale=self._locale)
        return self.say("percent", value=percent)

    def euros(self, cents: int) -> str:
        """A sum given in cents."""
        amount = format_decimal(cents / 100, format="#,##0.00", locale=self._locale)
        return self.say("euros", value=amount)

    def hours(self, hours: float) -> str:
        """A duration given in hours, in the unit that reads best."""
        if hours < _MINUTE_H:
            return self.say("seconds", value=self.number(max(1, round(hours * 3600))))
        if hours < 1:
            return self.say("minutes", value=self.number(round(hours * 60)))
        if hours < 2 * _DAY_H:
            return self.say("hours", value=format_decimal(round(hours, 1), locale=self._locale))
        return self.say("days", value=self.number(round(hours / _DAY_H)))
