// A scanner that types: tells its burst from a person, and undoes the keyboard layout that it typed into.

// Characters that make a burst a scan, by the key that ends it: a product's code is longer than a date or a
// number that a person's software fills in; and a Tab ends fields, unless what came before is as long as a card.
const FEWEST = { Enter: 12, Tab: 30 };
const MEAN = 50; // milliseconds between two characters: twice as fast as the fastest typist
const PAUSE = 250; // milliseconds after which a new burst begins
const TWICE = 100; // milliseconds within which a scan's end may come twice
// Names of keys that do write something.
const NAMELESS = new Set(["Dead", "Process", "Unidentified"]);
const SURE = 3; // characters after which a burst presses no button

// What a French keyboard makes of the keys that an American one has for A-Z, 0-9, ":" and "+"; both
// without and with caps lock, which on French Windows holds for the row of digits and the signs too, and
// elsewhere makes capitals of its accented letters: e with acute and grave, c with cedilla, a with grave.
const FRENCH = new Map([
  ..."ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+".split("").map((sign) => [sign, sign]),
  ...["1&", "2\u00e9", "2\u00c9", '3"', "4'", "5(", "6-", "7\u00e8", "7\u00c8", "8_", "9\u00e7", "9\u00c7", "0\u00e0", "0\u00c0"].map(([key, sign]) => [sign, key]),
  ["A", "Q"], ["Q", "A"], ["Z", "W"], ["W", "Z"], [",", "M"], ["?", "M"], ["M", ":"], ["=", "+"],
]);

// Where the keys are, whatever is written on them: a scanner presses them as on an American keyboard.
const PLACES = { Semicolon: ":", Equal: "+", NumpadAdd: "+" };

function byPlace(code) {
  const [, letter, digit] = /^(?:Key([A-Z])|(?:Digit|Numpad)([0-9]))$/.exec(code) ?? [];
  return letter ?? digit ?? PLACES[code] ?? "\ufffd";
}

const french = (text) => [...text.toUpperCase()].map((sign) => FRENCH.get(sign) ?? "\ufffd").join("");

/** Follows the keys of one page. Give `press` every key that goes down. */
export class Wedge {
  #keys = [];
  #began = 0;
  #last = -Infinity;

  /** Take a key: { key, code, at } with the time in milliseconds. Returns what it is part of:
      { began, fast, texts }; `texts`, when a scan ends with it, are what it may have meant to say. */
  press({ key, code, at }) {
    // A key without a sign (Escape, an arrow) is a person's, unless it comes in the middle of a burst.
    const isSign = key.length === 1 || NAMELESS.has(key) || key in FEWEST;
    const isPersons = !isSign && !this.#isFast(at, SURE);
    if (at - this.#last > PAUSE || isPersons) this.#keys = [];
    this.#last = at;
    if (isPersons) return { began: false, fast: false, texts: null };
    if (key in FEWEST) return { began: false, ...this.#ended(at, FEWEST[key]) };
    if (this.#keys.length === 0) this.#began = at;
    this.#keys.push([key, code]);
    return { began: this.#keys.length === 1, fast: this.#isFast(at, SURE), texts: null };
  }

  #isFast(at, fewest) {
    return this.#keys.length >= fewest && at - this.#began <= MEAN * this.#keys.length;
  }

  #ended(at, fewest) {
    const fast = this.#isFast(at, fewest);
    const typed = this.#keys.map(([key]) => (key.length === 1 ? key : "\ufffd")).join("");
    const places = this.#keys.map(([, code]) => byPlace(code)).join("");
    this.#keys = [];
    return { fast, texts: fast ? [typed, places, french(typed)] : null };
  }
}

const IGNORED = new Set(["Shift", "CapsLock", "Control", "Alt", "AltGraph", "Meta", "NumLock", "Fn"]);
const isText = (element) => element?.matches?.('input:not([type="button"]), textarea') ?? false;

/** Call `heard(texts)` for whatever a scanner types on this page, wherever the focus is; the field that it
    typed into gets back what it held. */
export function listen(heard) {
  const wedge = new Wedge();
  let before = null;
  let ended = -Infinity;
  addEventListener(
    "keydown",
    (event) => {
      // A key held down repeats as fast as a scanner types.
      if (event.repeat || event.isComposing || IGNORED.has(event.key)) return;
      // Many scanners end with two: Enter and line feed, which a keyboard has as Ctrl+J.
      const isEnd = event.key in FEWEST || (event.ctrlKey && event.key === "j");
      if (isEnd && event.timeStamp - ended < TWICE) {
        event.preventDefault();
        event.stopImmediatePropagation();
        return;
      }
      ended = -Infinity;
      const field = document.activeElement;
      const { began, fast, texts } = wedge.press({ key: event.key, code: event.code, at: event.timeStamp });
      if (began) before = "value" in field ? { field, value: field.value } : null;
      if (fast && !isText(field)) event.preventDefault();
      if (!texts) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      if (before) before.field.value = before.value;
      before = null;
      ended = event.timeStamp;
      heard(texts);
    },
    { capture: true },
  );
}
