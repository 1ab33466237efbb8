// The theft of the account whose page this is: begun, watched, and told to the end.

import { language } from "./figures.js";
import { ask } from "./proof.js";
import { run, say } from "./passkey.js";
import { at, chart } from "./theft_chart.js";
import { download, figures, list } from "./theft_report.js";

const EVERY_MS = 500;
const BEHIND_S = 0.8; // what is drawn lies a little back, so that it moves between two looks
const PER_ACCOUNT_IN_2022 = 26_842;

const part = (id) => document.getElementById(id);
const texts = part("theft").dataset;
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const plain = new Intl.NumberFormat(language, { maximumFractionDigits: 1 });
const number = (value) => plain.format(value);
const names = { b0: document.querySelector(".counters .b0 dt").textContent, b3: document.querySelector(".counters .b3 dt").textContent };

const draw = chart(part("chart"), {
  axisX: texts.axisX, summary: texts.summary, then: PER_ACCOUNT_IN_2022, thenText: texts.then, thenShort: texts.thenShort,
  b0: names.b0, b3: names.b3, real: "Rempart",
}, number);

let isLog = false;
let last = null; // the last look: its curves, and when it was taken
let shown = 0;
let announced = -1;
let isTold = false;

function curvesOf(seen) {
  const { moments, b0, b3, real, elapsed, asked } = seen.curves;
  const paired = (counts) => counts.map((count, index) => [moments[index], count]);
  return { b0: paired(b0), b3: paired(b3), real, elapsed, asked };
}

function show() {
  const { curves, seconds, listed } = last;
  draw(curves, shown, seconds, Math.max(listed, PER_ACCOUNT_IN_2022), isLog);
  for (const name of ["b0", "b3", "real"]) {
    part(`count-${name}`).textContent = number(Math.round(at(curves[name], shown, name === "real")));
  }
  part("asked").textContent = texts.askedShort.replace("COUNT", number(curves.asked));
  part("bar").firstElementChild.setAttribute("width", (100 * shown) / seconds);
  const left = Math.max(0, Math.ceil(seconds - shown));
  part("left").textContent = left ? texts.left.replace("SECONDS", left) : isTold ? texts.again : texts.checking;
  const sixth = Math.floor((6 * shown) / seconds);
  if (sixth === announced) return;
  announced = sixth;
  const count = (name) => part(`count-${name}`).textContent;
  part("told").textContent = texts.counted
    .replace("SECONDS", number(Math.round(shown))).replace("B0", count("b0")).replace("B3", count("b3")).replace("REAL", count("real"));
}

function move() {
  if (!last) return;
  const now = last.curves.elapsed + (performance.now() - last.taken) / 1000 - BEHIND_S;
  const until = last.isOver ? last.seconds : last.curves.elapsed;
  shown = calm.matches ? until : Math.max(shown, Math.min(now, until));
  show();
  if (!last.isOver || shown < last.seconds) requestAnimationFrame(move);
}

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

async function watch(already) {
  part("before").hidden = true;
  part("live").hidden = false;
  document.querySelector("h1").scrollIntoView({ block: "start" });
  part("left").textContent = texts.preparing;
  draw({ b0: [], b3: [], real: [] }, 0, 30, PER_ACCOUNT_IN_2022, isLog);
  for (let seen = already ?? (await ask("theft/watch", {})); ; seen = await ask("theft/watch", {})) {
    if (seen.phase === "failed" || seen.phase === "none") throw new Error(seen.phase);
    if (seen.curves) {
      const isFirst = last === null;
      last = { curves: curvesOf(seen), seconds: seen.seconds, listed: seen.listed, taken: performance.now(), isOver: seen.phase === "done" };
      if (isFirst) {
        part("caption").textContent = texts.limits
          .replace("LISTED", number(seen.listed)).replace("SECONDS", number(seen.seconds)).replace("PACE", number(Math.round(seen.listed / seen.seconds)));
        requestAnimationFrame(move);
      } else if (calm.matches) move();
    }
    if (seen.phase === "done") return seen;
    await pause(EVERY_MS);
  }
}

function tell(seen) {
  const people = seen.list.length;
  const answered = Object.values(seen.answered).reduce((sum, count) => sum + count, 0);
  part("verdict").classList.add(seen.agrees ? "good" : "bad");
  part("verdict-word").textContent = texts.verdict.replace("PEOPLE", number(people));
  part("verdict-why").textContent = `${seen.agrees ? texts.same : texts.differs} ${texts.why}`;
  part("fact-asked").textContent = texts.asked.replace("ASKED", number(seen.curves.asked)).replace("COUNT", number(answered));
  part("fact-books").textContent = seen.books.journal_ok ? texts.whole.replace("ENTRIES", number(seen.books.entries)) : texts.broken;
  part("fact-budgets").textContent = seen.books.budgets_ok ? texts.yes : texts.broken;
  part("list").replaceChildren(list(seen.list, texts));
  part("figures").replaceChildren(figures(curvesOf(seen), seen.seconds, { ...texts, ...names }, number));
  part("download").addEventListener("click", () => download(seen.proof));
  part("after").hidden = false;
  isTold = true;
  show();
}

async function play(already) {
  try {
    const seen = await watch(already);
    while (!calm.matches && shown < last.seconds) await pause(100);
    shown = last.seconds;
    show();
    tell(seen);
  } catch (error) {
    if (error.code) throw error;
    say(texts.failed, true);
  }
}

const steal = part("steal");
steal.addEventListener("click", () =>
  run(steal, async () => {
    await ask("theft", {});
    await play();
  }),
);

for (const button of part("scales").querySelectorAll("button")) {
  button.addEventListener("click", () => {
    isLog = button.value === "log";
    for (const one of part("scales").querySelectorAll("button")) one.setAttribute("aria-pressed", String(one === button));
    if (last) show();
  });
}
addEventListener("resize", () => last && show());

// Who comes back to the page while it is under way, or after, sees it again.
const seen = await ask("theft/watch", {}).catch(() => null);
if (seen && ["preparing", "running", "checking", "done"].includes(seen.phase)) await run(steal, () => play(seen));
