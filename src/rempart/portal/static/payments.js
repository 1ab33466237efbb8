// My payments: what waits, what is under way, what was paid, and one guarantee by its number; each fetched with a
// proof. A number stands in no address, and what is found is gone with the page.

import { cancelClaim, openBill } from "./bill.js";
import { holds, mend } from "./fields.js";
import { day, dayOf, money, plainAmount } from "./figures.js";
import { run, say } from "./passkey.js";
import { promised, showFacts, wordsOf } from "./promise.js";
import { ask } from "./proof.js";

const at = (id) => document.getElementById(id);
const due = at("due");
const words = wordsOf(at("domains"));
const said = (text, ...values) => values.reduce((told, value) => told.replace("#", value), text);

/** What became of a guarantee, as the page names it. */
const standing = (one) => (one.because ? `${one.state}-${one.because}` : one.state);
const verdictOf = (one) => document.querySelector(`#found [data-state="${standing(one)}"]`);

function element(name, className, text) {
  const made = document.createElement(name);
  if (className) made.className = className;
  made.textContent = text;
  return made;
}

/** Fill a table: for each row, what stands in each of its columns. */
function fill(id, rows, cells) {
  const table = at(id);
  const heads = [...table.tHead.rows[0].cells];
  table.tBodies[0].replaceChildren(...rows.map((one) => {
    const row = document.createElement("tr");
    row.setAttribute("role", "row");
    for (const [place, content] of cells(one).entries()) {
      const cell = row.insertCell();
      cell.setAttribute("role", "cell");
      cell.dataset.label = heads[place].textContent;
      cell.className = heads[place].className;
      const parts = [content].flat();
      // One part a cell: folded, a cell has its label beside it.
      if (parts.length > 1) cell.append(element("div", "", ""));
      (cell.firstElementChild ?? cell).append(...parts);
    }
    return row;
  }));
  table.hidden = rows.length === 0;
}

const number = (one) => [
  element("span", "code", one.engagement),
  ...(one.is_authorization ? [element("span", "note", due.dataset.authorization)] : []),
];

function mark(one) {
  const verdict = verdictOf(one);
  return element("span", `mark ${verdict.dataset.tone}`, verdict.querySelector("span").textContent);
}

/** The insurer said no; it is paid all the same. */
const disputed = (one) => (one.disputed ? [element("span", "note", due.dataset.disputed)] : []);

/** A button that does something to one row, after which the lists are read again. */
function acting(text, of, one, step) {
  const button = element("button", "quiet", text);
  button.type = "button";
  button.setAttribute("aria-label", said(of, one.engagement));
  button.addEventListener("click", () => run(button, async () => {
    say("");
    const section = button.closest("section");
    await step();
    await read();
    // By keys one goes on where one was: at the same row, or at its list when the row is gone.
    const same = [...section.querySelectorAll("button")].find((one) => one.ariaLabel === button.ariaLabel);
    (same ?? section.querySelector("h2")).focus();
  }));
  return button;
}

function showWaiting({ to_bill, claimed, has_more }) {
  fill("to-bill", to_bill, (one) => [
    number(one), words.get(one.domain), day(one.care_date), promised(one, due.dataset), day(one.expires_on),
    acting(due.dataset.bill, due.dataset.billOf, one, () => openBill(one.engagement)),
  ]);
  at("about-to-bill").hidden = to_bill.length === 0;
  fill("claimed", claimed, (one) => [
    number(one), words.get(one.domain), day(one.care_date), money(one.claimed_cents), [mark(one), ...disputed(one)],
    one.state === "accepted" ? acting(due.dataset.cancel, due.dataset.cancelOf, one, () => cancelClaim(one.claim, at("cancel-found").textContent)) : "",
  ]);
  at("no-claimed").hidden = claimed.length > 0;
  at("more").hidden = !has_more;
  const returned = claimed.find((one) => one.because === "bank_returned");
  at("bank-returned").hidden = !returned;
  const text = at("bank-returned").querySelector("p");
  const reason = claimed.find((one) => one.because === "bank_returned" && one.bank_reason)?.bank_reason ?? "—";
  text.textContent = said(text.dataset.text, reason);
  const isMissing = claimed.some((one) => one.because === "no_bank_detail");
  at("bank-missing").hidden = !isMissing;
  at("no-to-bill").hidden = to_bill.length > 0 || isMissing || Boolean(returned);
}

// --- payments, and the claims of one ---

const notice = at("notice");
let opened = null;
let paid = [];

function opening(one) {
  const { open, openOf } = at("paid-words").dataset;
  const button = element("button", "quiet", open);
  button.type = "button";
  button.setAttribute("aria-label", said(openOf, dayOf(one.paid_at), money(one.amount_cents)));
  button.addEventListener("click", () => run(button, () => openNotice(one.remittance)));
  return button;
}

/** Show those that came, below those that are there. */
function showPaid({ remittances, has_more }) {
  paid = [...paid, ...remittances];
  fill("paid", paid, (one) => [
    one.state === "returned"
      ? [dayOf(one.paid_at), element("span", "note", at("paid-words").dataset.returned)]
      : dayOf(one.paid_at),
    money(one.amount_cents), String(one.claims), one.insurer, `•••• ${one.account}`, opening(one),
  ]);
  at("no-paid").hidden = paid.length > 0;
  at("earlier").hidden = !has_more;
}

at("earlier").addEventListener("click", () => run(at("earlier"), async () => {
  say("");
  const before = paid.length;
  showPaid(await ask("payments/paid", { before: paid.at(-1).remittance }));
  // By keys one goes on at the first of them.
  at("paid").tBodies[0].rows[before]?.querySelector("button").focus();
}));

async function openNotice(remittance) {
  opened = await ask("payments/notice", { remittance });
  const head = opened.remittance;
  showFacts(notice, {
    paid_at: dayOf(head.paid_at), amount: money(head.amount_cents), insurer: head.insurer,
    account: `•••• ${head.account}`, remittance: head.remittance, bank_reason: head.returned_because,
  });
  const table = notice.querySelector("table");
  table.id = "notice-lines";
  fill("notice-lines", opened.lines, (one) => [
    [element("span", "code", one.engagement), ...disputed(one)],
    day(one.care_date), dayOf(one.claimed_at), money(one.amount_cents),
  ]);
  notice.showModal();
}

/** The notice as a spreadsheet in the reader's language opens it: French ones part columns by semicolons. */
function spreadsheet({ remittance, lines }) {
  const parted = document.documentElement.lang === "fr" ? ";" : ",";
  const heads = [...notice.querySelectorAll("th")].map((one) => one.textContent);
  const rows = lines.map((one) => [one.engagement, one.care_date, one.claimed_at.slice(0, 10), plainAmount(one.amount_cents)]);
  const text = [heads, ...rows].map((row) => row.join(parted)).join("\r\n");
  return { name: `${remittance.remittance}.csv`, text: `\ufeff${text}\r\n` };
}

at("save-notice").addEventListener("click", () => {
  const { name, text } = spreadsheet(opened);
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob([text], { type: "text/csv" }));
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
});
at("close-notice").addEventListener("click", () => notice.close());
notice.addEventListener("close", () => { opened = null; });

// --- one number ---

const form = at("look-up");
const found = at("found");
const field = form.elements.engagement;
let shown = null;

function showFound({ guarantee: one, remittance, paid_at, account }) {
  for (const verdict of found.querySelectorAll("[data-state]")) verdict.hidden = verdict !== verdictOf(one);
  const wasPaid = one.state === "paid" || one.state === "returned";
  showFacts(found, {
    number: one.engagement, domain: words.get(one.domain), care_date: day(one.care_date),
    promised: one.claim ? "" : promised(one, due.dataset), until: one.state === "to_bill" ? day(one.expires_on) : "",
    amount: money(one.claimed_cents), claimed_at: dayOf(one.claimed_at),
    batched_on: one.state === "batched" ? day(one.batched_on) : "",
    paid_at: wasPaid ? dayOf(paid_at) : "", account: wasPaid && account ? `•••• ${account}` : "",
    remittance: wasPaid ? remittance : "", bank_reason: one.bank_reason,
  });
  shown = one;
  at("disputed").hidden = !one.disputed;
  at("bill-found").hidden = one.state !== "to_bill";
  at("cancel-found").hidden = one.state !== "accepted";
  found.hidden = false;
  found.dataset.shown = standing(one);
  found.focus();
}

const find = async (engagement) => showFound(await ask("payments/look-up", { engagement }));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  say("");
  if (!holds(form)) return;
  run(form.querySelector("button"), async () => {
    found.hidden = true;
    try {
      await find(field.value);
      form.reset();
    } catch (error) {
      if (error.field !== "engagement" && error.code !== "engagement_unknown") throw error;
      mend(field, error.code === "bad_format" ? field.dataset.wrong : error.message);
      field.focus();
      field.select();
    }
  });
});
at("close-found").addEventListener("click", () => {
  found.hidden = true;
  field.focus();
});

for (const [id, step] of [
  ["bill-found", () => openBill(shown.engagement)],
  ["cancel-found", () => cancelClaim(shown.claim, at("cancel-found").textContent)],
]) {
  at(id).addEventListener("click", () => run(at(id), async () => {
    await step();
    await read();
    await find(shown.engagement);
  }));
}

/** Read both lists: what a step has changed is seen. */
async function read() {
  const [waiting, last] = [await ask("payments", {}), await ask("payments/paid", {})];
  showWaiting(waiting);
  paid = [];
  showPaid(last);
}

run(due, read);
