// The dialog that bills a guarantee (templates/bill_part.html): its lines, what was accepted or why not, and its
// cancellation while it can be. Nothing of it is in an address, and it is gone when the dialog closes.

import { sure } from "./dialog.js";
import { day, money } from "./figures.js";
import { Lines } from "./lines.js";
import { Once } from "./once.js";
import { run } from "./passkey.js";
import { promised, showFacts, wordsOf } from "./promise.js";
import { ask, Refused } from "./proof.js";

const dialog = document.getElementById("bill");
const form = dialog.querySelector("form");
const billed = dialog.querySelector(".billed");
const button = form.querySelector('[type="submit"]');
const cancel = billed.querySelector(".cancel");
const domains = wordsOf(document.getElementById("domains"));
const lines = new Lines(form.querySelector(".lines"));
const once = new Once();

let number = "";
let claim = null;
let over = () => {};

/** Why it was refused, in the page's own words; with nothing, that it is not. */
function refusedFor(error) {
  const parts = [...form.querySelectorAll("[data-refusal]")];
  for (const part of parts) part.hidden = true;
  if (!error) return;
  const part = parts.find((one) => one.dataset.refusal === error.code) ?? parts.at(-1);
  if (!part.dataset.refusal) part.textContent = error.message;
  part.hidden = false;
}

/** Open it for a guarantee; resolves when it is closed. Lines of a prise en charge are there as they were agreed to. */
export async function openBill(engagement) {
  const { guarantee, lines: agreed } = await ask("payments/look-up", { engagement });
  number = engagement;
  claim = null;
  refusedFor(null);
  showFacts(dialog, {
    number, domain: domains.get(guarantee.domain), care_date: day(guarantee.care_date),
    promised: promised(guarantee, dialog.dataset),
  });
  lines.begin(guarantee.domain, agreed.filter((line) => line.agreed_cents > 0));
  form.hidden = false;
  billed.hidden = true;
  dialog.showModal();
  document.getElementById("bill-title").focus();
  return new Promise((resolve) => { over = resolve; });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  refusedFor(null);
  const stated = lines.read();
  if (!stated) return;
  const said = { engagement: number, lines: stated };
  run(button, async () => {
    try {
      claim = await ask("claims", { ...said, reference: once.referenceOf(said) });
    } catch (error) {
      // Beside the form: what the page says elsewhere is behind this dialog.
      refusedFor(error instanceof Refused ? error : { message: document.getElementById("said").dataset.failed });
      return;
    }
    once.done();
    const { price, obligatory } = lines.total();
    showFacts(billed, { amount: money(claim.amount_cents), patient: money(price - obligatory - claim.amount_cents) });
    form.hidden = true;
    billed.hidden = false;
    billed.focus();
  });
});

/** Cancel a claim, once its owner is sure; whether it was. */
export async function cancelClaim(name, step) {
  if (!(await sure(dialog.dataset.cancelSure, step))) return false;
  await ask(`claims/${name}/cancellation`);
  return true;
}

cancel.addEventListener("click", () => run(cancel, async () => {
  try {
    if (await cancelClaim(claim.claim, cancel.textContent)) dialog.close();
  } catch (error) {
    dialog.close();
    throw error;
  }
}));
for (const close of dialog.querySelectorAll(".close")) close.addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => {
  lines.begin("");
  over();
});
