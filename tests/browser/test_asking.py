"""Asking by typing: few keys, an answer that names nobody, and nothing of it left anywhere."""

import re
from typing import Any

from playwright.sync_api import Browser, Request, Route, expect

from tests.browser.cards import Cards
from tests.browser.hands import answered, is_nowhere, type_card
from tests.browser.place import Place

DOUBLE_PRESS = 450  # milliseconds in which an answer takes a second Enter for an accident
MOVES = """() => {
  window.moves = [];
  // Kept by the page, or it may be collected with what it has seen.
  window.watching = new PerformanceObserver((list) => {
    for (const { value, startTime } of list.getEntries()) window.moves.push([startTime, value]);
  });
  window.watching.observe({ type: 'layout-shift' });
  const answer = document.getElementById('answer');
  window.shown = new MutationObserver(() => { window.shownAt ??= performance.now(); });
  window.shown.observe(answer, { attributeFilter: ['data-shown'] });
}"""
MOVED = """async () => {
  for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame);
  await new Promise((told) => setTimeout(told, 200));
  return window.moves.filter(([at]) => at >= window.shownAt).length;
}"""
KEPT = """async () => {
  const bases = await indexedDB.databases();
  const open = indexedDB.open('rempart', 1);
  await new Promise((ok) => { open.onsuccess = ok; });
  const asking = open.result.transaction('keys').objectStore('keys').getAllKeys();
  await new Promise((ok) => { asking.onsuccess = ok; });
  return {
    local: Object.keys(localStorage), session: Object.keys(sessionStorage),
    bases: bases.map((one) => one.name), keys: asking.result.map((name) => name.split(' ')[0]),
    caches: await caches.keys(), cookies: document.cookie, history: history.length,
    state: history.state, address: location.href, name: window.name,
  };
}"""


def test_a_card_is_typed_and_answered(place: Place, cards: Cards, chromium: Browser) -> None:
    card = cards.samples["typed"].person
    rule = cards.truth.rule(card, "PHAR", cards.today)
    assert rule is not None
    assert rule.rate_bp is not None
    asked: list[str] = []
    with place.signed_in(chromium) as alice:
        page = alice.page
        page.on("request", lambda request: asked.append(request.url))
        assert type_card(alice, card) <= 7
        answered(alice, "covered")
        expect(page.locator(".word:visible")).to_have_text("Droits ouverts")
        number = page.locator("#engagement").inner_text()
        assert re.fullmatch(r"([0-9A-Z]{4}-){4}[0-9A-Z*~$=]", number)
        assert page.locator("#rate").inner_text().startswith(f"{rule.rate_bp // 100}")
        expect(page.locator("#expires")).to_have_text(
            re.compile("^[0-9]{1,2} [a-zûé]+ 20[0-9]{2}$")
        )
        is_nowhere(page, card)
        expect(page.locator(".nobody")).to_contain_text("ne nomme personne")
        # The next one, by keyboard; the same card again: its unused engagement, and it says so.
        page.wait_for_timeout(DOUBLE_PRESS)
        page.keyboard.press("Enter")
        expect(page.locator("#answer")).to_be_hidden()
        assert page.locator("#engagement").inner_text() == ""
        type_card(alice, card, f"{card.birth_date:%d/%m/%Y}")
        answered(alice, "covered")
        expect(page.locator("#engagement")).to_have_text(number)
        expect(page.locator("#again")).to_be_visible()
        # The Enter that ended the answer put no empty question.
        assert [url.endswith("/rights-questions") for url in asked].count(True) == 2
        page.keyboard.press("Escape")
        expect(page.locator("#insurer")).to_be_focused()
        expect(page.locator("#again")).to_be_hidden()
        assert alice.faults == []


def test_nothing_of_a_question_is_kept_and_nothing_moves(
    place: Place, cards: Cards, chromium: Browser
) -> None:
    card = cards.adults(1)[0]
    with place.signed_in(chromium) as alice:
        page = alice.page
        before = page.evaluate(KEPT)
        page.evaluate(MOVES)
        addresses: list[str] = []
        page.on("request", lambda request: addresses.append(request.url))
        type_card(alice, card)
        answered(alice, "covered")
        assert page.evaluate("[window.scrollY, window.shownAt > 0]") == [0, True]
        assert page.evaluate(MOVED) == 0
        # That this would see something move: a notice that comes late.
        page.evaluate("document.querySelector('main').prepend(document.createElement('textarea'))")
        assert page.evaluate(MOVED) > 0
        assert page.evaluate(KEPT) == before
        assert set(before["keys"]) == {"key", "session"}
        assert [one for one in before["session"] if one != "present"] == []
        assert {address.removeprefix(f"{place.portal[:-7]}") for address in addresses} <= {
            "/v1/portal/rights-questions", "/v1/portal/session",
        }  # fmt: skip
        fields = page.locator("#question, #question input:not([type=hidden]), #question select")
        for n in range(fields.count()):
            assert fields.nth(n).get_attribute("autocomplete") == "off"
        # What is typed and not asked is gone with the page, also for who comes back to it.
        page.keyboard.press("Escape")
        page.keyboard.type(card.insurer)
        page.goto(f"{place.portal}/account")
        page.go_back()
        page.wait_for_url(f"{place.portal}/ask")
        expect(page.locator("#insurer")).to_have_value("")
        assert alice.faults == []


def test_the_server_judges_and_the_page_says_it_beside_the_field(
    place: Place, cards: Cards, chromium: Browser
) -> None:
    card = cards.adults(1)[0]
    good = {
        "insurer": f" {card.insurer[:3]} {card.insurer[3:]} ",
        "member_number": "-".join(card.member_number),
        "birth_date": f"{card.birth_date:%d.%m.%Y}",
        "care_date": f"{cards.today:%d %m %Y}",
    }
    wrong = [
        ("insurer", "", "Recopiez le numéro d’AMC"),
        ("insurer", "990001x990001", "au plus"),
        ("member_number", "12*4", "chiffres et des lettres"),
        ("birth_date", "31022001", "n’existe pas"),
        ("birth_date", "010250", "quatre chiffres"),
        ("birth_date", f"01/01/{cards.today.year + 1}", "n’existe pas"),
        ("care_date", "01/01/2020", "8 jours avant"),
        ("birth_rank", "0", "1 à 9"),
    ]
    with place.signed_in(chromium) as alice:
        page = alice.page
        for name, value, said in wrong:
            for other, right in good.items():
                page.fill(f"#{other}", right)
            if name == "birth_rank":
                page.click("#twins summary")
            page.fill(f"#{name}", value)
            page.locator(f"#{name}").press("Enter")
            expect(page.locator(f"#{name}-error")).to_contain_text(said)
            expect(page.locator(f"#{name}")).to_be_focused()
            expect(page.locator(f"#{name}")).to_have_attribute("aria-invalid", "true")
            expect(page.locator(".error:visible")).to_have_count(1)
            expect(page.locator("#answer")).to_be_hidden()
        page.fill("#birth_rank", "1")
        page.locator("#birth_rank").press("Enter")
        answered(alice, "covered")
        # The profession fixes the domain, and a single one is not asked for.
        expect(page.locator("select#domain")).to_have_count(0)
        assert alice.faults == []


def test_a_dentist_chooses_among_two_domains(place: Place, cards: Cards, chromium: Browser) -> None:
    with place.signed_in(chromium, "chirurgien_dentiste") as alice:
        page = alice.page
        expect(page.locator("#domain option")).to_have_text(
            ["Soins dentaires", "Prothèses dentaires"]
        )
        expect(page.locator("#domain")).to_have_value("DESO")
        page.select_option("#domain", "DEPR")
        page.focus("#insurer")
        with page.expect_request("**/rights-questions") as asked:
            type_card(alice, cards.adults(1)[0])
        sent = asked.value.post_data_json or {}
        assert sent["domain"] == "DEPR"
        assert sent["professional"] == alice.rpps
        expect(page.locator("#about-domain")).to_have_text("Prothèses dentaires")
        page.keyboard.press("Escape")
        # What kind of care is the same as for the last one; who it was is not.
        expect(page.locator("#domain")).to_have_value("DEPR")
        assert alice.faults == []


def test_a_line_that_breaks_is_asked_again_under_the_same_reference(
    place: Place, cards: Cards, chromium: Browser
) -> None:
    """Whether the first try was answered is not known, so that the second must be its replay."""
    card = cards.adults(1)[0]
    with place.signed_in(chromium) as alice:
        page = alice.page
        asked: list[dict[str, Any]] = []

        def note(request: Request) -> None:
            if "rights-questions" in request.url:
                asked.append(request.post_data_json or {})

        page.on("request", note)
        page.route("**/rights-questions", lambda route: route.abort())
        type_card(alice, card)
        alice.said("n’a pas abouti")
        # What was typed is still there: one key asks again.
        expect(page.locator("#member_number")).to_have_value(card.member_number)
        page.unroute("**/rights-questions")
        page.locator("#birth_date").press("Enter")
        answered(alice, "covered")
        assert len(asked) > 1
        assert len({one["reference"] for one in asked}) == 1
        page.keyboard.press("Escape")
        type_card(alice, card)
        answered(alice, "covered")
        assert len({one["reference"] for one in asked}) == 2


def test_the_page_is_small_and_reads_no_codes_unasked(place: Place, chromium: Browser) -> None:
    with place.signed_in(chromium) as alice:
        page = alice.page
        parts: set[str] = set()
        page.on("request", lambda one: parts.update([one.url] if one.method == "GET" else []))
        page.reload(wait_until="networkidle")
        assert len(parts) > 8
        assert not any("vendor" in part or "camera" in part for part in parts)
        sizes = {part: len(alice.context.request.get(part).body()) for part in parts}
        assert sum(sizes.values()) <= 100_000, sizes


def test_a_question_that_hangs_can_be_given_up_and_its_answer_found_again(
    place: Place, cards: Cards, chromium: Browser
) -> None:
    """It had arrived: what comes back for the same question is a replay of what is on record."""
    card = cards.adults(1)[0]
    with place.signed_in(chromium) as alice:
        page = alice.page
        asked: list[dict[str, Any]] = []

        def loses_the_answer(route: Route) -> None:
            asked.append(route.request.post_data_json or {})
            route.fetch()

        page.route("**/rights-questions", loses_the_answer)
        type_card(alice, card)
        expect(page.locator("#late")).to_be_hidden()
        expect(page.locator("#give-up")).to_be_visible(timeout=30_000)
        page.keyboard.press("Escape")
        expect(page.locator("#late")).to_be_hidden()
        alice.said("comptée qu’une fois")
        expect(page.locator("#insurer")).to_be_focused()
        expect(page.locator("#member_number")).to_have_value(card.member_number)
        page.unroute_all(behavior="ignoreErrors")
        with page.expect_request("**/rights-questions") as again:
            page.keyboard.press("Enter")
        answered(alice, "covered")
        assert (again.value.post_data_json or {})["reference"] == asked[0]["reference"]
        kinds = place.owned(
            "select kind from journal.entry join identity.account"
            " on subject_kind = 2 and subject_id = account_id"
            " join identity.professional p using (professional_id) where p.rpps = %s"
            " and kind in ('answer', 'replay') order by entry_no",
            alice.rpps,
        )
        assert kinds == [("answer",), ("replay",)]
        # The next one is another question.
        page.keyboard.press("Escape")
        type_card(alice, card)
        answered(alice, "covered")
        assert alice.faults == []
