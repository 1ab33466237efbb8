// Who was exposed, as the journal says; and the curves again, in figures.

import { language } from "./figures.js";
import { at, moments } from "./theft_chart.js";

function cell(row, text, label, kind = "td", className = "") {
  const one = document.createElement(kind);
  one.textContent = text;
  one.setAttribute("role", kind === "td" ? "cell" : "columnheader");
  if (kind === "th") one.scope = "col";
  if (label) one.dataset.label = label;
  if (className) one.className = className;
  row.append(one);
}

function table(heads, rows, folds = true) {
  const whole = document.createElement("table");
  whole.className = "table";
  whole.classList.toggle("fold", folds);
  whole.setAttribute("role", "table");
  const parts = [["thead", [heads]], ["tbody", rows]].map(([name, lines]) => {
    const part = document.createElement(name);
    part.setAttribute("role", "rowgroup");
    for (const line of lines) {
      const row = document.createElement("tr");
      row.setAttribute("role", "row");
      line.forEach((text, place) => {
        const [written, className] = Array.isArray(text) ? text : [text, ""];
        const isBody = name === "tbody";
        cell(row, written, isBody ? [heads[place]].flat()[0] : "", isBody ? "td" : "th", className);
      });
      part.append(row);
    }
    return part;
  });
  whole.append(...parts);
  return whole;
}

/** What was told about one person, in words. */
function told(row, texts) {
  const euros = new Intl.NumberFormat(language, { style: "currency", currency: "EUR" });
  const percent = new Intl.NumberFormat(language, { style: "percent", maximumFractionDigits: 2 });
  const day = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const parts = [row.outcome === "covered" ? texts.covered : texts.onRequest];
  if (row.rate_bp !== null) parts.push(percent.format(row.rate_bp / 10_000));
  if (row.amount_cents !== null) parts.push(euros.format(row.amount_cents / 100));
  if (row.ceiling_cents !== null) parts.push(texts.upTo.replace("AMOUNT", euros.format(row.ceiling_cents / 100)));
  if (row.expires_on !== null) parts.push(texts.until.replace("DAY", day.format(new Date(row.expires_on))));
  return parts.join(", ");
}

/** The exact list: a row for each person about whom a cover was told. */
export function list(rows, texts) {
  const time = new Intl.DateTimeFormat(language, { timeStyle: "medium", timeZone: "Europe/Paris" });
  const heads = [texts.hour, texts.insurer, texts.reference, texts.card, texts.said, texts.entry];
  return table(heads, rows.map((row) => [
    time.format(new Date(row.at)), row.insurer, [row.reference.slice(0, 12), "code"],
    [row.card, "code"], told(row, texts), String(row.entry),
  ]));
}

/** The three curves in figures, a row for each moment that the chart has. */
export function figures(curves, seconds, texts, number) {
  const heads = [texts.second, ...[texts.b0, texts.b3, "Rempart"].map((name) => [name, "number"])];
  const rows = moments(seconds).map((moment) => {
    const count = (name) => number(Math.round(at(curves[name], moment, name === "real")));
    return [number(moment), ...["b0", "b3", "real"].map((name) => [count(name), "number"])];
  });
  return table(heads, rows, false);
}

/** Leave the list and what opens its entries in a file of the reader's own. */
export function download(proof) {
  const address = URL.createObjectURL(new Blob([JSON.stringify(proof, null, 1)], { type: "application/json" }));
  const link = document.createElement("a");
  link.href = address;
  link.download = "rempart-disclosed.json";
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}
