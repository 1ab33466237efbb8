// My budgets: how much is left, fetched with a proof; the same for ten minutes whatever is asked.

import { language } from "./figures.js";
import { run } from "./passkey.js";
import { ask } from "./proof.js";

const list = document.getElementById("budgets");
const taken = document.getElementById("taken");
const clock = new Intl.DateTimeFormat(language, { timeZone: "Europe/Paris", hour: "2-digit", minute: "2-digit" });

const counted = new Intl.NumberFormat(language);

const filled = (text, ...values) => values.reduce((said, value) => said.replace("#", value), text);

/** Seconds as people say them: minutes, hours or days. */
function span(seconds) {
  const [amount, unit] = seconds < 7200 ? [seconds / 60, "minute"] : seconds < 172_800 ? [seconds / 3600, "hour"] : [seconds / 86_400, "day"];
  return new Intl.NumberFormat(language, { style: "unit", unit, unitDisplay: "long", maximumFractionDigits: 0 }).format(Math.max(1, amount));
}

function state({ left, steps }) {
  if (left === 0) return list.dataset.empty;
  if (left === steps) return steps === 1 ? list.dataset.some : list.dataset.full;
  return filled(list.dataset.left, left, steps);
}

function show(level) {
  const card = list.querySelector(`[data-bucket="${level.bucket}"]`);
  if (!card) return;
  const box = card.querySelector(".level");
  const meter = box.querySelector("meter");
  meter.max = level.steps;
  meter.value = level.left;
  box.querySelector(".state").textContent = meter.textContent = state(level);
  box.querySelector(".empty-text").hidden = level.left > 0;
  box.toggleAttribute("data-empty", level.left === 0);
  box.querySelector(".back").textContent = filled(list.dataset.back, span(level.comes_back_s));
  box.querySelector(".caps").textContent = filled(list.dataset.caps, ...[level.day, level.week, level.month].map((one) => counted.format(one)));
  box.hidden = false;
}

run(list, async () => {
  const { levels } = await ask("budgets", {});
  levels.forEach(show);
  if (levels.length === 0) return;
  const at = new Date(Math.max(...levels.map((one) => Date.parse(one.noted_at))));
  taken.textContent = filled(taken.dataset.text, clock.format(at), clock.format(new Date(at.getTime() + 600_000)));
  taken.hidden = false;
});
