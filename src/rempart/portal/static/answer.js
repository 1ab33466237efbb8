// The answer on the page: the verdict first, then what is paid. It names nobody, on paper either.

import { nothingClosed, putClosedBack, showClosed } from "./closed.js";
import { day, instant, money, percent } from "./figures.js";
import { loadBill } from "./parts.js";
import { run, say } from "./passkey.js";

const section = document.getElementById("answer");
const paid = document.getElementById("paid");
const copy = document.getElementById("copy");
const bill = document.getElementById("bill-it");
const TOO_SOON = 400; // milliseconds in which a key meant for the question does not end its answer

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
  put("rate", percent(answer.rate_bp));
  put("amount", money(answer.amount_cents));
  put("ceiling", money(answer.ceiling_cents));
  put("engagement", answer.engagement);
  put("expires", day(answer.expires_on));
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
  document.getElementById("slip-at").textContent = instant(new Date());
  document.getElementById("slip-entry").textContent = answer.receipt?.entry ?? "";
  copy.hidden = bill.hidden = !number;
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

bill.addEventListener("click", () => run(bill, async () => {
  const { openBill } = await loadBill();
  await openBill(number);
}));

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
