// What a guarantee promises, and the facts of one, as pages write them.

import { money, percent } from "./figures.js";

/** A rate, an amount, at most so much. `texts` has `rate` and `ceiling`, each with a # for the figure. */
export function promised(one, texts) {
  return [
    one.rate_bp === null ? null : texts.rate.replace("#", percent(one.rate_bp)),
    money(one.amount_cents),
    one.ceiling_cents === null ? null : texts.ceiling.replace("#", money(one.ceiling_cents)),
  ].filter(Boolean).join(" · ");
}

/** Fill the facts of a part; those without a value are not shown. */
export function showFacts(room, told) {
  for (const slot of room.querySelectorAll("[data-fact]")) {
    slot.textContent = told[slot.dataset.fact] ?? "";
    slot.parentElement.hidden = !slot.textContent;
  }
}

/** Each term of a hidden list with what it means. */
export function wordsOf(list) {
  const found = new Map();
  for (const term of list.querySelectorAll("dt")) found.set(term.textContent, term.nextElementSibling.textContent);
  return found;
}
