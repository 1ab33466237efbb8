// The answer on the page: the verdict first, then what is paid. It names nobody, on paper either.

import { nothingClosed, putClosedBack, showClosed } from "./closed.js";
import { say } from "./passkey.js";

const section = document.getElementById("answer");
const paid = document.getElementById("paid");
const copy = document.getElementById("copy");
// Days before months in both.
const language = { fr: "fr-FR", en: "en-GB" }[document.documentElement.lang];
const TOO_SOON = 400; // milliseconds in which a key meant for the question does not end its answer

const money = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 });
const day = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
const instant = new Intl.DateTimeFormat(language, { dateStyle: "long", timeStyle: "short", timeZone: "Europe/Paris" });

// Engagements that this page has shown: a number names nobody, and is gone with the page.
const given = new Set();
let number = "";
let shownAt = -Infinity;

/** Whether an answer is on the page. */
export const isShown = () => !section.hidden;

function put(name, value) {
  const slot = document.getElementById(name);
  slot.textContent = value ?? "";
  slot.closest("div").hidden = !value;
}

function fill(answer) {
  const cents = (amount) => (amount === null || amount === undefined ? null : money.format(amount / 100));
  put("rate", answer.rate_bp === null || answer.rate_bp === undefined ? null : percent.format(answer.rate_bp / 10_000));
  put("amount", cents(answer.amount_cents));
  put("ceiling", cents(answer.ceiling_cents));
  put("engagement", answer.engagement);
  put("expires", answer.expires_on && day.format(new Date(`${answer.expires_on}T00:00Z`)));
  paid.hidden = [...paid.querySelectorAll("dl > div")].every((one) => one.hidden);
}

/** Show an answer: { outcome, … } as the interface has it; and what it was about, which is nobody. */
export function show(answer, { domain, careDate }) {
  for (const one of section.querySelectorAll("[data-outcome]")) {
    one.hidden = !one.dataset.outcome.split(" ").includes(answer.outcome);
  }
  if (answer.outcome === "closed") showClosed(section.querySelector('[data-outcome="closed"]'));
  else if (answer.outcome !== "too_many_questions") nothingClosed();
  number = answer.engagement ?? "";
  document.getElementById("again").hidden = !given.has(number);
  if (number) given.add(number);
  fill(answer);
  document.getElementById("about-domain").textContent = section.dataset[domain.toLowerCase()];
  document.getElementById("about-date").textContent = careDate;
  document.getElementById("slip-at").textContent = instant.format(new Date());
  document.getElementById("slip-entry").textContent = answer.receipt?.entry ?? "";
  copy.hidden = !number;
  section.hidden = false;
  shownAt = performance.now();
  section.dataset.shown = answer.outcome;
  scrollTo(0, 0);
  section.focus({ preventScroll: true });
}

/** Nothing of it stays on the page. */
export function clear() {
  putClosedBack();
  section.hidden = true;
  delete section.dataset.shown;
  number = "";
  fill({});
  for (const name of ["about-domain", "about-date", "slip-at", "slip-entry"]) document.getElementById(name).textContent = "";
}

// --- what may be done with it ---

const done = document.getElementById("copied");

copy.addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(number);
    done.textContent = done.dataset.done;
  } catch {
    say(document.getElementById("said").dataset.failed, true);
  }
});

// Ctrl+C without anything selected copies the number, as the button does.
addEventListener("copy", (event) => {
  if (!isShown() || !number || !getSelection().isCollapsed) return;
  event.clipboardData.setData("text/plain", number);
  event.preventDefault();
  done.textContent = done.dataset.done;
});

document.getElementById("print").addEventListener("click", () => print());

section.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") return;
  const soon = event.repeat || performance.now() - shownAt < TOO_SOON;
  if (!soon && event.target !== section) return;
  // The key goes no further: the form that comes back has the focus, and would be sent by it, empty.
  event.preventDefault();
  if (!soon) document.getElementById("next").click();
});
