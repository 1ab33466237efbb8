"""The few kinds of fault that Rempart raises; refusals are returned values and are not here."""


class RempartError(Exception):
    """Base of every fault raised on purpose. No message holds a value that came from outside."""


class BadInputError(RempartError):
    """Something given cannot be understood. Names the field and the reason, never the value."""

    def __init__(self, field: str, reason: str) -> None:
        """Take the field's public name and a reason in plain words."""
        super().__init__(f"{field}: {reason}")
        self.field = field
        self.reason = reason


class UnavailableError(RempartError):
    """A part that is needed cannot be reached. Nothing was answered."""


class OverloadedError(UnavailableError):
    """More is asked at a time than there are places for. Nothing was begun."""

    def __init__(self) -> None:
        """Say so."""
        super().__init__("too many questions are in hand")


class MisuseError(RempartError):
    """The database refused a call that no correct caller makes (private SQLSTATE class RP)."""

    def __init__(self, sqlstate: str, function: str) -> None:
        """Take the five-character SQLSTATE and the name of the SQL function called."""
        super().__init__(f"{function}: refused by the database with {sqlstate}")
        self.sqlstate = sqlstate
        self.function = function


class KeyMissingError(RempartError):
    """The keyring lacks a key. Names the key, never a value."""

    def __init__(self, name: str) -> None:
        """Take the key's name."""
        super().__init__(f"the keyring holds no key named {name}")
        self.name = name
