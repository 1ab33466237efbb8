"""The menu: every page that a signed-in professional can go to, in order."""

from dataclasses import dataclass
from typing import Final

from rempart.identity import Session


@dataclass(frozen=True, slots=True)
class Item:
    """One entry: its template, whose text is ``portal.NAME.title``, and where it is."""

    name: str
    path: str
    administrators_only: bool = False
    demonstration_only: bool = False
    agreeing_only: bool = False
    """For professions whose care an insurer agrees to first."""


AGREEING: Final = frozenset({"opticien", "audioprothesiste", "chirurgien_dentiste", "hospitalier"})
"""Who may ask about one of `AGREED_TO`."""

AGREED_TO: Final = ("OPTI", "AUDI", "DESO", "DEPR", "HOSP")
"""Kinds of care that a prise en charge is asked for, the commonest first."""

MENU: Final = (
    Item("ask", "/portal/ask"),
    Item("authorization", "/portal/authorization", agreeing_only=True),
    Item("payments", "/portal/payments"),
    Item("account", "/portal/account"),
    Item("activity", "/portal/activity"),
    Item("budgets", "/portal/budgets"),
    Item("people", "/portal/people", administrators_only=True),
    Item("site", "/portal/site", administrators_only=True),
    Item("theft", "/portal/theft", demonstration_only=True),
)


def menu_for(session: Session | None, *, is_demonstration: bool) -> tuple[Item, ...]:
    """Return what this account may go to."""
    if session is None:
        return ()
    return tuple(
        one
        for one in MENU
        if (session.is_administrator or not one.administrators_only)
        and (is_demonstration or not one.demonstration_only)
        and (session.profession in AGREEING or not one.agreeing_only)
    )
