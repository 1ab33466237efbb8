// A prise en charge as one form: a card, lines, and what is agreed to for each. The card is gone when the answer is
// there; the lines stay until the next one, so that they can be amended without being typed again.

import { clear, isShown, show } from "./answer.js";
import {
  blamed, button, closeCamera, empty, field, form, isChoosing, isWaiting, isWatching, nothingWrong, takeCards, typed, waiting,
} from "./card_form.js";
import { readClosed } from "./closed.js";
import { sure } from "./dialog.js";
import { mend } from "./fields.js";
import { day, money } from "./figures.js";
import { Lines } from "./lines.js";
import { startAgain } from "./lock.js";
import { Once } from "./once.js";
import { run, say } from "./passkey.js";
import { giveUp, GivenUp, patiently } from "./patience.js";
import { ask } from "./proof.js";

const at = (id) => document.getElementById(id);
const lines = new Lines(form.querySelector(".lines"));
const once = new Once();
const told = at("agreed");
// Answers after which the lines are of use: to be amended, or asked about again with the card.
const AMENDABLE = ["agreed", "covered", "nothing_agreed", "no_right_found", "better_evidence_needed", "exception_possible"];

let card = null; // who was read from a card, until the answer is there
let asked = []; // the lines of the answer that is shown
let answer = null;

/** The card was read, or is to be typed; nothing says on the page who it is. */
function hold(said) {
  card = said;
  at("read").hidden = !said;
  form.classList.toggle("has-card", Boolean(said));
}

function back() {
  clear();
  told.hidden = true;
  say("");
  empty();
  hold(null);
  form.hidden = false;
}

/** Back to an empty form: for whoever comes next. */
function next() {
  back();
  asked = [];
  answer = null;
  lines.begin(field("domain").value);
  field("replaces").value = "";
  at("amends").open = false;
  field("insurer").focus();
}

/** One that waits for its answer may be on record already: it can be given up, after a while, and sent again. */
function dismiss() {
  if (isWaiting()) giveUp();
  else next();
}

/** Back to the same lines. Of a prise en charge that was given, the next one takes the place. */
function amend() {
  if (isWaiting()) return;
  const number = answer.outcome === "agreed" ? answer.engagement : field("replaces").value;
  back();
  field("replaces").value = number;
  at("amends").open = Boolean(number);
  field("insurer").focus();
}

// --- asking ---

async function answerTo(said) {
  const { professional, site } = form.dataset;
  const question = { ...said, professional, site, reference: once.referenceOf(said) };
  const found = await patiently((signal) => ask("quotes", question, signal));
  once.done();
  return found;
}

function isAboutReplaced(error) {
  if (error.field !== "replaces") return false;
  at("amends").open = true;
  mend(field("replaces"), field("replaces").dataset.wrong);
  field("replaces").focus();
  return true;
}

function put(said) {
  say("");
  nothingWrong();
  mend(field("replaces"));
  return run(button, async () => {
    waiting(true);
    let found;
    try {
      found = await answerTo(said);
    } catch (error) {
      if (error.code === "too_many_questions") found = { outcome: error.code };
      else if (error.code === "professional_not_linked") return startAgain();
      else if (error instanceof GivenUp) return say(error.message);
      else if (isAboutReplaced(error) || (!card && blamed(error))) return;
      else throw error;
    } finally {
      waiting(false);
    }
    if (found.outcome === "closed") await readClosed();
    answer = found;
    asked = said.lines;
    empty();
    hold(null);
    form.hidden = true;
    showLines(found.lines ?? []);
    show(found, { domain: said.domain, careDate: said.care_date });
    at("amend").hidden = !AMENDABLE.includes(found.outcome);
    at("withdraw").hidden = found.outcome !== "agreed";
  });
}

/** Ask about whoever was read or is typed, with the lines as they stand. */
function submit() {
  const stated = lines.read();
  if (!stated) return;
  const who = card ? { ...card, domain: field("domain").value, care_date: field("care_date").value } : { ...typed(), evidence: "typed" };
  put({ ...who, lines: stated, replaces: field("replaces").value.trim() || null });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  submit();
});

// --- what is agreed to ---

/** How often it is paid: what is left, and from which day there is more. Told of a card that was scanned alone. */
function frequency({ units_left, next_from }) {
  if (units_left === null) return told.dataset.always;
  const left = units_left === 0 ? told.dataset.noneLeft : told.dataset.left.replace("#", units_left);
  return next_from ? `${left} ${told.dataset.next.replace("#", day(next_from))}` : left;
}

function showLines(agreed) {
  const heads = [...told.tHead.rows[0].cells];
  const words = form.querySelector("template").content;
  const named = (line) => words.querySelector(`option[value="${line.category}"]`).textContent;
  const rows = agreed.map((one, place) => {
    const line = asked[place];
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    const texts = [
      line.quantity > 1 ? `${line.quantity} × ${named(line)}` : named(line),
      money(line.price_cents), money(one.amount_cents), money(one.patient_cents), frequency(one),
    ];
    for (const [column, text] of texts.entries()) {
      const cell = row.insertCell();
      cell.setAttribute("role", "cell");
      cell.dataset.label = heads[column].textContent;
      cell.className = heads[column].className;
      cell.textContent = text;
    }
    return row;
  });
  told.tBodies[0].replaceChildren(...rows);
  const sum = (values) => money(values.reduce((all, one) => all + one, 0));
  const totals = [
    asked.map((line) => line.price_cents), agreed.map((one) => one.amount_cents), agreed.map((one) => one.patient_cents),
  ];
  for (const [place, values] of totals.entries()) told.tFoot.rows[0].cells[place + 1].textContent = sum(values);
  told.hidden = rows.length === 0;
}

at("amend").addEventListener("click", amend);
at("withdraw").addEventListener("click", () => run(at("withdraw"), async () => {
  if (!(await sure(form.dataset.withdrawSure, at("withdraw").textContent))) return;
  await ask("authorizations/cancellations", { authorization: answer.engagement });
  next();
  say(form.dataset.withdrawn);
}));

// --- the card ---

takeCards({
  taken(said) {
    const awaits = form.hidden;
    if (awaits) back();
    else empty();
    hold(said);
    field("domain").value = said.domain;
    field("care_date").value = said.care_date;
    at("read").focus();
    // The lines were asked about already, and better evidence was wanted: here it is.
    if (awaits && asked.length > 0) submit();
  },
  dismiss: () => (isShown() ? dismiss() : empty()),
  makeRoom() {
    const awaits = ["better_evidence_needed", "exception_possible"].includes(answer?.outcome);
    if (isShown() && !awaits) next();
  },
});
at("forget").addEventListener("click", () => {
  hold(null);
  field("insurer").focus();
});
if (field("domain").type !== "hidden") {
  field("domain").addEventListener("change", () => lines.begin(field("domain").value));
}

at("next").addEventListener("click", dismiss);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat || document.querySelector("dialog[open]")) return;
  const wasWatching = isWatching();
  if (wasWatching) closeCamera();
  if (isShown() || isWaiting()) dismiss();
  else if (isChoosing()) empty();
  else if (wasWatching) field("insurer").focus();
});
addEventListener("pageshow", (event) => event.persisted && next());
empty();
lines.begin(field("domain").value);
