"""What somebody at the counter does: types a card, scans it, reads the answer."""

from playwright.sync_api import Page, expect

from rempart.simulation.population import Person as Insured
from tests.browser.place import Person
from tests.portal.scanner_keys import typed

FIELDS = ("insurer", "member_number", "birth_date")
HOLD_THE_TOUCH = """() => {
  const get = navigator.credentials.get.bind(navigator.credentials);
  const finger = new Promise((touch) => { window.touch = touch; });
  navigator.credentials.get = async (options) => { await finger; return get(options); };
}"""
"""A script after which a passkey waits, as its owner's finger does, for `window.touch()`."""
EVERY = 0.008  # seconds between two keys of a scanner
ENTER = {"key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13}


def scan(person: Person, text: str, *, every: float = EVERY, ends: int = 1, **layout: str) -> None:
    """Type as a scanner does; the times are those that the keys carry, however busy the machine.

    ``ends``: how many Enter keys end it.
    """
    keys = typed(text, **layout)  # type: ignore[arg-type] # words
    keys += keys[-1:] * (ends - 1)
    # The last one is now: what a person presses after it comes after it.
    began = float(person.page.evaluate("Date.now()")) / 1000 - every * len(keys)
    for place, (key, code, _) in enumerate(keys):
        sign = ENTER if key == "Enter" else {"key": key, "code": code, "text": key}
        at = {"timestamp": began + every * place}
        person.cdp.send("Input.dispatchKeyEvent", {"type": "keyDown", **sign, **at})
        person.cdp.send("Input.dispatchKeyEvent", {"type": "keyUp", **sign, **at})


def fill_in(page: Page, card: Insured) -> None:
    """Put a card into the form, and do not ask; the focus is where Enter asks."""
    for name, value in zip(
        FIELDS, (card.insurer, card.member_number, f"{card.birth_date:%d%m%Y}"), strict=True
    ):
        page.fill(f"#{name}", value)
    page.focus("#birth_date")


def type_card(person: Person, card: Insured, born: str | None = None) -> int:
    """Type what is on a card and ask, by keyboard alone; the keys beyond the card's own."""
    keys = person.page.keyboard
    expect(person.page.locator("#insurer")).to_be_focused()
    keys.type(card.insurer)
    keys.press("Tab")
    keys.type(card.member_number)
    keys.press("Tab")
    keys.type(born or f"{card.birth_date:%d%m%Y}")
    keys.press("Enter")
    return 3


def answered(person: Person, outcome: str) -> None:
    """Expect an answer on the page, and nothing of the question left there."""
    expect(person.page.locator("#answer")).to_have_attribute("data-shown", outcome)
    expect(person.page.locator("#question")).to_be_hidden()
    for name in FIELDS:
        expect(person.page.locator(f"#{name}")).to_have_value("")
    expect(person.page.locator("#people li")).to_have_count(0)


def is_nowhere(page: Page, card: Insured) -> None:
    """Check that neither the page nor its picture on paper says who was asked about."""
    shown = page.evaluate("document.documentElement.outerHTML")
    for born in (f"{card.birth_date:%d%m%Y}", f"{card.birth_date:%d/%m/%Y}", f"{card.birth_date}"):
        assert born not in shown
    assert card.member_number not in shown
