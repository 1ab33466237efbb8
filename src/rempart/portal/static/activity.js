// My activity: one's own questions, fetched with a proof; a receipt is opened and copied.

import { language } from "./figures.js";
import { run } from "./passkey.js";
import { ask } from "./proof.js";

const form = document.getElementById("filters");
const list = document.getElementById("list");
const rows = list.tBodies[0];
const none = document.getElementById("none");
const [newer, older] = ["newer", "older"].map((id) => document.getElementById(id));
const words = new Map();
for (const term of document.querySelectorAll("#words dt")) words.set(term.textContent, term.nextElementSibling.textContent);

const when = new Intl.DateTimeFormat(language, {
  timeZone: "Europe/Paris", day: "numeric", month: "short", year: "numeric", hour: "2-digit", minute: "2-digit", second: "2-digit",
});
const DAY = 86_400_000;

// Where each page shown so far began: null is the newest; the last one is on the screen.
let begins = [null];
let wanted = {};
let last = null;

function cell(row, label, ...content) {
  const made = row.insertCell();
  made.dataset.label = label;
  made.append(...content);
  return made;
}

function note(text) {
  const made = document.createElement("span");
  made.className = "note";
  made.textContent = text;
  return made;
}

function outcome(one) {
  const said = [words.get(one.outcome || one.refused_because) ?? (one.outcome || one.refused_because)];
  if (one.kind === "replay") said.push(note(list.dataset.again));
  if (one.kind === "exception") said.push(note(list.dataset.exception));
  if (one.tally > 1) said.push(note(list.dataset.times.replace("#", one.tally)));
  return said;
}

function shown(one, labels) {
  const row = document.createElement("tr");
  const time = document.createElement("time");
  time.dateTime = one.at;
  time.textContent = when.format(new Date(one.at));
  cell(row, labels[0], time);
  cell(row, labels[1], words.get(one.domain) ?? one.domain);
  cell(row, labels[2], ...outcome(one));
  if (one.engagement) cell(row, labels[3], one.engagement).className = "number";
  else cell(row, labels[3], one.told_before ? note(list.dataset.told) : "—");
  const button = document.createElement("button");
  button.type = "button";
  button.className = "quiet";
  button.textContent = list.dataset.receipt;
  button.setAttribute("aria-label", list.dataset.receiptOf.replace("#", time.textContent));
  button.addEventListener("click", () => run(button, () => open(one)));
  cell(row, labels[4], button);
  return row;
}

async function show() {
  const before = begins.at(-1);
  const page = await ask("activity", { ...wanted, ...before });
  const labels = [...list.tHead.rows[0].cells].map((head) => head.textContent);
  rows.replaceChildren(...page.entries.map((one) => shown(one, labels)));
  last = page.entries.at(-1);
  none.hidden = page.entries.length > 0;
  list.hidden = !none.hidden;
  newer.hidden = begins.length === 1;
  older.hidden = !page.has_more;
}

async function turn(step) {
  const kept = begins;
  begins = step(begins);
  try {
    await show();
  } catch (error) {
    begins = kept;
    throw error;
  }
  document.getElementById("list-title").focus();
}

older.addEventListener("click", () =>
  run(older, () => turn((kept) => [...kept, { before_at: last.at, before_entry: last.entry }])));
newer.addEventListener("click", () => run(newer, () => turn((kept) => kept.slice(0, -1))));

function filters() {
  const { first_day, last_day, domain, outcome: sought } = form.elements;
  const days = (new Date(last_day.value) - new Date(first_day.value)) / DAY;
  first_day.setCustomValidity(days >= 0 && days < Number(form.dataset.days) ? "" : form.dataset.tooLong);
  if (!form.reportValidity()) return null;
  return { first_day: first_day.value, last_day: last_day.value, domain: domain.value || null, outcome: sought.value || null };
}

function apply() {
  const asked = filters();
  if (!asked) return;
  run(form.querySelector("button"), async () => {
    wanted = asked;
    begins = [null];
    await show();
  });
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  apply();
});
form.addEventListener("input", () => form.elements.first_day.setCustomValidity(""));

const dialog = document.getElementById("receipt");
const text = document.getElementById("receipt-text");
const copied = document.getElementById("copied");

async function open(one) {
  const receipt = await ask("activity/receipt", { at: one.at, entry: one.entry });
  text.value = JSON.stringify(receipt, null, 1);
  copied.textContent = "";
  dialog.showModal();
}

document.getElementById("copy").addEventListener("click", async () => {
  try {
    await navigator.clipboard.writeText(text.value);
    copied.textContent = copied.dataset.done;
  } catch {
    text.select();
    copied.textContent = copied.dataset.byHand;
  }
});
document.getElementById("close").addEventListener("click", () => dialog.close());
dialog.addEventListener("close", () => { text.value = ""; });

apply();
