"""Names a browser and its system from what it says of itself, for the list that its owner sees."""

import re
from typing import Final

_LIMIT: Final = 400
_BROWSERS: Final = (
    # The order matters: each says that it is the ones below too.
    ("Edge", re.compile(r"Edg(?:A|iOS)?/(\d{1,4})")),
    ("Opera", re.compile(r"OPR/(\d{1,4})")),
    ("Firefox", re.compile(r"(?:Firefox|FxiOS)/(\d{1,4})")),
    ("Chrome", re.compile(r"(?:HeadlessChrome|Chrome|CriOS)/(\d{1,4})")),
    ("Safari", re.compile(r"Version/(\d{1,4})[.\d]* (?:Mobile/\S+ )?Safari/")),
)
_SYSTEMS: Final = (
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Android", "Android"),
    ("Windows", "Windows"),
    ("Macintosh", "macOS"),
    ("CrOS", "ChromeOS"),
    ("Linux", "Linux"),
)


def device_of(user_agent: str | None) -> str:
    """Return, say, ``Firefox 145, Windows``; an empty text for what is not known.

    Nothing that was sent comes back but a version's digits: the list shows words of ours.
    """
    said = (user_agent or "")[:_LIMIT]
    browser = next(
        (f"{name} {found[1]}" for name, form in _BROWSERS if (found := form.search(said))), ""
    )
    system = next((name for sign, name in _SYSTEMS if sign in said), "")
    return ", ".join(part for part in (browser, system) if part)
