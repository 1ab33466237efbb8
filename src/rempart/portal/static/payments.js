// My payments: what waits, what is under way, what was paid, and one guarantee by its number; each fetched with a
// proof. A number stands in no address, and what is found is gone with the page.

import { holds, mend } from "./fields.js";
import { day, dayOf, money, percent, plainAmount } from "./figures.js";
import { run, say } from "./passkey.js";
import { ask } from "./proof.js";

const at = (id) => document.getElementById(id);
const due = at("due");
const words = new Map();
for (const term of document.querySelectorAll("#words dt")) words.set(term.textContent, term.nextElementSibling.textContent);
const said = (text, ...values) => values.reduce((told, value) => told.replace("#", value), text);

/** What became of a guarantee, as the page names it. */
const standing = (one) => (one.because ? `${one.state}-${one.because}` : one.state);
const verdictOf = (one) => document.querySelector(`#found [data-state="${standing(one)}"]`);

/** What a guarantee promises: a rate, an amount, at most so much; of a prise en charge, its amount. */
function promised(one) {
  return [
    one.rate_bp === null ? null : said(due.dataset.rate, percent(one.rate_bp)),
    money(one.amount_cents),
    one.ceiling_cents === null ? null : said(due.dataset.ceiling, money(one.ceiling_cents)),
  ].filter(Boolean).join(" · ");
}

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
      cell.append(...[content].flat());
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

function showWaiting({ to_bill, claimed, has_more }) {
  fill("to-bill", to_bill, (one) => [
    number(one), words.get(one.domain), day(one.care_date), promised(one), day(one.expires_on),
  ]);
  at("about-to-bill").hidden = to_bill.length === 0;
  fill("claimed", claimed, (one) => [
    number(one), words.get(one.domain), day(one.care_date), money(one.claimed_cents), mark(one),
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

function opening(one) {
  const { open, openOf } = at("paid-words").dataset;
  const button = element("button", "quiet", open);
  button.type = "button";
  button.setAttribute("aria-label", said(openOf, dayOf(one.paid_at), money(one.amount_cents)));
  button.addEventListener("click", () => run(button, () => openNotice(one.remittance)));
  return button;
}

function showPaid({ remittances }) {
  fill("paid", remittances, (one) => [
    one.state === "returned"
      ? [dayOf(one.paid_at), element("span", "note", at("paid-words").dataset.returned)]
      : dayOf(one.paid_at),
    money(one.amount_cents), String(one.claims), one.insurer, `•••• ${one.account}`, opening(one),
  ]);
  at("no-paid").hidden = remittances.length > 0;
}

function facts(room, told) {
  for (const slot of room.querySelectorAll("[data-fact]")) {
    slot.textContent = told[slot.dataset.fact] ?? "";
    slot.parentElement.hidden = !slot.textContent;
  }
}

async function openNotice(remittance) {
  opened = await ask("payments/notice", { remittance });
  const head = opened.remittance;
  facts(notice, {
    paid_at: dayOf(head.paid_at), amount: money(head.amount_cents), insurer: head.insurer,
    account: `•••• ${head.account}`, remittance: head.remittance, bank_reason: head.returned_because,
  });
  const table = notice.querySelector("table");
  table.id = "notice-lines";
  fill("notice-lines", opened.lines, (one) => [
    element("span", "code", one.engagement), day(one.care_date), dayOf(one.claimed_at), money(one.amount_cents),
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

function showFound({ guarantee: one, remittance, paid_at, account }) {
  for (const verdict of found.querySelectorAll("[data-state]")) verdict.hidden = verdict !== verdictOf(one);
  const wasPaid = one.state === "paid" || one.state === "returned";
  facts(found, {
    number: one.engagement, domain: words.get(one.domain), care_date: day(one.care_date),
    promised: one.claim ? "" : promised(one), until: one.state === "to_bill" ? day(one.expires_on) : "",
    amount: money(one.claimed_cents), claimed_at: dayOf(one.claimed_at),
    batched_on: one.state === "batched" ? day(one.batched_on) : "",
    paid_at: wasPaid ? dayOf(paid_at) : "", account: wasPaid && account ? `•••• ${account}` : "",
    remittance: wasPaid ? remittance : "", bank_reason: one.bank_reason,
  });
  found.hidden = false;
  found.dataset.shown = standing(one);
  found.focus();
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  say("");
  if (!holds(form)) return;
  run(form.querySelector("button"), async () => {
    found.hidden = true;
    try {
      showFound(await ask("payments/look-up", { engagement: field.value }));
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

function refresh() {
  return run(due, async () => {
    const [waiting, paid] = [await ask("payments", {}), await ask("payments/paid", {})];
    showWaiting(waiting);
    showPaid(paid);
  });
}

refresh();
