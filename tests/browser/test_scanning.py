"""Scanning instead of typing: with the camera, and with a scanner that types, on any layout."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Playwright, expect

from tests.browser.cards import Cards
from tests.browser.conftest import FLAGS
from tests.browser.film import data_matrix, film, qr
from tests.browser.hands import answered, is_nowhere, scan
from tests.browser.place import CHROMIUM, Person, Place
from tests.browser.test_pages import look


@pytest.fixture(scope="module")
def paper(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What is held before the camera: Chromium reads the film anew each time it opens it."""
    path = tmp_path_factory.mktemp("camera") / "paper.y4m"
    film(path)
    return path


@pytest.fixture(scope="module")
def chromium(playwright: Playwright, paper: Path) -> Iterator[Browser]:
    fake = [
        "--use-fake-device-for-media-stream",
        "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={paper}",
    ]
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=[*FLAGS, *fake])
    yield browser
    browser.close()


@pytest.fixture(scope="module")
def somebody(place: Place, chromium: Browser) -> Iterator[Person]:
    with place.signed_in(chromium, viewport={"width": 1280, "height": 800}) as found:
        yield found
        assert found.faults == []


@pytest.fixture
def alice(place: Place, somebody: Person) -> Person:
    somebody.page.goto(f"{place.portal}/ask")
    return somebody


def test_a_card_before_the_camera_is_answered(
    place: Place, alice: Person, cards: Cards, paper: Path, screens: Path
) -> None:
    card = cards.samples["scanned"].person
    page = alice.page
    loaded: list[str] = []
    page.on("request", lambda request: loaded.append(request.url))
    # Another's code first: it fills nothing, and the page says so.
    film(paper, data_matrix())
    page.click("#use-camera")
    alice.said("rien n’a été rempli")
    assert sum("zxing_reader.wasm" in one for one in loaded) == 1
    assert all(one.startswith(place.platform.settings.public_url) for one in loaded)
    expect(page.locator("#insurer")).to_have_value("")
    look(alice, "camera", screens)
    page.keyboard.press("Escape")
    expect(page.locator("#camera")).to_be_hidden()
    # Then ours beside it.
    film(paper, data_matrix(), qr(cards.payload(card)))
    page.click("#use-camera")
    answered(alice, "covered")
    expect(page.locator("#camera")).to_be_hidden()
    is_nowhere(page, card)
    assert page.evaluate("document.getElementById('view').srcObject") is None
    page.keyboard.press("Escape")
    # A QR code that is no card's.
    film(paper, qr("https://example.org/RP1:990001"))
    page.click("#use-camera")
    alice.said("rien n’a été rempli")


def test_a_family_says_who_is_there(alice: Person, cards: Cards, screens: Path) -> None:
    family = cards.family()
    page = alice.page
    scan(alice, cards.payload(*family))
    expect(page.locator("#people li")).to_have_count(len(family))
    look(alice, "family", screens)
    page.keyboard.press("Escape")
    expect(page.locator("#people")).to_be_hidden()
    scan(alice, cards.payload(*family))
    expect(page.locator("#people li button").first).to_be_focused()
    page.keyboard.press("Tab")
    with page.expect_request("**/rights-questions") as asked:
        page.keyboard.press("Enter")
    answered(alice, "covered")
    second = sorted((one.birth_date, one.birth_rank) for one in family)[1]
    sent = asked.value.post_data_json or {}
    assert (sent["birth_date"], sent["birth_rank"]) == (f"{second[0]}", f"{second[1]}")
    assert sent["evidence"] == "scan"


def test_a_scanner_works_wherever_the_focus_is(alice: Person, cards: Cards) -> None:
    adults = cards.adults(8)
    page = alice.page
    page.fill("#member_number", "12")
    page.focus("#member_number")
    scan(alice, cards.payload(adults[0]), layout="french")
    answered(alice, "covered")
    # On the answer of the one before, the next card is enough.
    first = page.locator("#slip-entry").text_content()
    scan(alice, cards.payload(adults[1]), layout="french", caps="windows")
    expect(page.locator("#slip-entry")).not_to_have_text(str(first))
    answered(alice, "covered")
    page.keyboard.press("Escape")
    # On a button that a key would press, and on nothing.
    for selector in ("#sign-out", "#twins summary"):
        page.focus(selector)
        scan(alice, cards.payload(adults[2]))
        answered(alice, "covered")
        page.keyboard.press("Escape")
    # A product's code: nothing is filled in, and what a field held is there again.
    page.fill("#insurer", "990")
    page.focus("#insurer")
    scan(alice, "0103400930123456")
    alice.said("rien n’a été rempli")
    expect(page.locator("#insurer")).to_have_value("990")
    expect(page.locator("#insurer")).to_be_focused()
    # Typed by a person it is what he typed, and the platform judges it.
    page.fill("#insurer", "")
    scan(alice, "0103400930123456", every=0.15)
    expect(page.locator("#insurer")).to_have_value("0103400930123456")
    expect(page.locator("#insurer-error")).to_contain_text("au plus")


def test_a_camera_that_is_refused_is_said(place: Place, playwright: Playwright) -> None:
    browser = playwright.chromium.launch(executable_path=str(CHROMIUM), args=FLAGS)
    try:
        with place.signed_in(browser) as alice:
            alice.page.click("#use-camera")
            alice.said("pas de caméra|refusée")
            expect(alice.page.locator("#camera")).to_be_hidden()
            assert alice.faults == []
    finally:
        browser.close()


def test_a_camera_that_is_opened_again_at_once_looks(
    alice: Person, cards: Cards, paper: Path
) -> None:
    film(paper)
    alice.page.click("#use-camera")
    alice.page.wait_for_function("() => document.getElementById('view').videoWidth > 0")
    alice.page.evaluate(
        """() => {
          document.getElementById("close-camera").click();
          document.getElementById("use-camera").click();
        }"""
    )
    alice.page.wait_for_function("() => document.getElementById('view').videoWidth > 0")
    film(paper, qr(cards.payload(cards.samples["scanned"].person)))
    answered(alice, "covered")


@pytest.mark.parametrize(
    "name, told",
    [
        ("NotAllowedError", "Autorisez-la"),
        ("NotFoundError", "Il n’y a pas de caméra"),
        ("NotReadableError", "La caméra ne répond pas"),
    ],
)
def test_a_camera_that_shows_nothing_says_why(alice: Person, name: str, told: str) -> None:
    alice.page.evaluate(
        """(name) => {
          navigator.mediaDevices.getUserMedia = () => Promise.reject(new DOMException("", name));
        }""",
        name,
    )
    alice.page.click("#use-camera")
    alice.said(told)
    expect(alice.page.locator("#camera")).to_be_hidden()
