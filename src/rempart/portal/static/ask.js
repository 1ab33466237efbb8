// The page that asks. What is asked lives in the form and in this module until the answer is there, and
// nowhere else: no address, no history, no storage.

import { clear, isShown, show } from "./answer.js";
import {
  blamed, button, closeCamera, empty, field, form, isChoosing, isWaiting, isWatching, nothingWrong, takeCards, typed, waiting,
} from "./card_form.js";
import { readClosed } from "./closed.js";
import { startAgain } from "./lock.js";
import { Once } from "./once.js";
import { run, say } from "./passkey.js";
import { giveUp, GivenUp, patiently } from "./patience.js";
import { ask } from "./proof.js";

export { isWaiting };

// Outcomes after which the same question may be asked again with something better.
const AGAIN = ["better_evidence_needed", "exception_possible"];
const once = new Once(); // a question whose answer was lost on the way is not asked twice

let kept = null; // the question on whose answer something better is awaited

/** Back to an empty form, ready to be typed into. */
function next() {
  kept = null;
  clear();
  say("");
  empty();
  form.hidden = false;
  field("insurer").focus();
}

/** What a person does to be done with a question. One that waits for its answer is not taken back by it: it may have
    been answered and be on record. It can be given up, after a while. */
function dismiss() {
  if (isWaiting()) giveUp();
  else next();
}

const plainly = (question) => patiently((signal) => ask("rights-questions", question, signal));

async function answerTo(said, by) {
  // Whose page this is goes with it: the platform refuses it in anybody else's name.
  const { professional, site } = form.dataset;
  const answer = await by({ ...said, professional, site, reference: once.referenceOf(said) });
  once.done();
  return answer;
}

/** Put a question, and show its answer or what is wrong with it. */
function put(said, by = plainly) {
  say("");
  nothingWrong();
  return run(button, async () => {
    waiting(true);
    let answer;
    try {
      answer = await answerTo(said, by);
    } catch (error) {
      if (error.code === "too_many_questions") answer = { outcome: error.code };
      else if (error.code === "professional_not_linked") return startAgain();
      else if (error instanceof GivenUp) return standDown(error.message);
      else if (blamed(error)) return;
      else throw error;
    } finally {
      waiting(false);
    }
    // Before the answer is there: nothing moves after it.
    if (answer.outcome === "closed") await readClosed();
    kept = AGAIN.includes(answer.outcome) ? said : null;
    empty();
    form.hidden = true;
    show(answer, { domain: said.domain, careDate: said.care_date });
  });
}

/** Say what a question given up is worth: the same one again has its reference, and gets its answer. */
function standDown(given) {
  say(given);
  if (!form.hidden) field("insurer").focus();
}

/** Ask again what was asked just now, for answers that await something better. `by` takes the question as it
    would be sent, under a reference of its own, and gives its answer. */
export async function askAgain(by) {
  once.done();
  if (kept) await put(kept, by);
}

form.addEventListener("submit", (event) => {
  event.preventDefault();
  put({ ...typed(), evidence: "typed" });
});

takeCards({
  taken: put,
  dismiss,
  makeRoom: () => (isShown() || isChoosing()) && next(),
});

document.getElementById("next").addEventListener("click", dismiss);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat || document.querySelector("dialog[open]")) return;
  const wasWatching = isWatching();
  if (wasWatching) closeCamera();
  if (isShown() || isChoosing() || isWaiting()) dismiss();
  else if (wasWatching) field("insurer").focus();
});
// A page that the browser puts back shows nobody.
addEventListener("pageshow", (event) => event.persisted && next());
empty();
