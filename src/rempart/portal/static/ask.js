// The page that asks. What is asked lives in the form and in this module until the answer is there, and
// nowhere else: no address, no history, no storage.

import { clear, isShown, show } from "./answer.js";
import { NotACard, readCard } from "./card.js";
import { readClosed } from "./closed.js";
import { mend } from "./fields.js";
import { startAgain } from "./lock.js";
import { Once } from "./once.js";
import { run, say } from "./passkey.js";
import { ask } from "./proof.js";
import { listen } from "./wedge.js";

const FIELDS = ["insurer", "member_number", "birth_date", "birth_rank", "domain", "care_date"];
const TOO_SOON = 400; // milliseconds in which a key meant for a scan's end chooses nobody
// Outcomes after which the same question may be asked again with something better.
const AGAIN = ["better_evidence_needed", "exception_possible"];

const form = document.getElementById("question");
const button = document.getElementById("ask"); // disabled while a question waits for its answer
const main = document.getElementById("main");
const people = document.getElementById("people");
const began = { server: Number(form.dataset.now), here: performance.now() };
const field = (name) => form.elements[name];
const once = new Once(); // a question whose answer was lost on the way is not asked twice

let chosenFrom = 0; // when a choice among a card's people begins to count
let kept = null; // the question on whose answer something better is awaited

/** Whether a question waits for its answer, or for a touch. */
export const isWaiting = () => button.disabled;

// --- the form ---

function today() {
  const now = new Date(began.server + performance.now() - began.here);
  return new Intl.DateTimeFormat("fr-FR", {
    timeZone: "Europe/Paris", day: "2-digit", month: "2-digit", year: "numeric",
  }).format(now);
}

function nothingWrong() {
  for (const name of FIELDS) if (field(name).type !== "hidden") mend(field(name));
}

/** Show what the platform found wrong beside its field; false when it named no field of the form. */
function blamed(error) {
  const input = FIELDS.includes(error.field) ? field(error.field) : null;
  if (!input || input.type === "hidden" || form.hidden) return false;
  if (error.field === "birth_rank") document.getElementById("twins").open = true;
  mend(input, input.getAttribute(`data-${error.code.replaceAll("_", "-")}`) ?? error.message);
  input.focus();
  input.select?.();
  return true;
}

function empty() {
  const domain = field("domain").value;
  form.reset();
  field("domain").value = domain;
  field("care_date").value = today();
  document.getElementById("twins").open = false;
  people.hidden = true;
  people.querySelector("ul").replaceChildren();
  nothingWrong();
}

/** Back to an empty form, ready to be typed into. */
function next() {
  kept = null;
  clear();
  say("");
  empty();
  form.hidden = false;
  field("insurer").focus();
}

/** What a person does to be done with a question. One that waits for its answer cannot be taken back: the answer
    would come over the next one, and be taken for its own. */
function dismiss() {
  if (!isWaiting()) next();
}

// --- asking ---

/** Nothing is typed over a question that waits: the answer is about what was sent, and does not say whom. */
function waiting(waits) {
  form.setAttribute("aria-busy", String(waits));
  for (const input of form.querySelectorAll("input")) input.readOnly = waits;
}

const plainly = (question) => ask("rights-questions", question);

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

/** Ask again what was asked just now, for answers that await something better. `by` takes the question as it
    would be sent, under a reference of its own, and gives its answer. */
export async function askAgain(by) {
  once.done();
  if (kept) await put(kept, by);
}

// A key held down asks once, and not again of the form that comes back under it.
form.addEventListener("keydown", (event) => event.key === "Enter" && event.repeat && event.preventDefault());

const typed = () => Object.fromEntries(FIELDS.map((name) => [name, field(name).value]));

form.addEventListener("submit", (event) => {
  event.preventDefault();
  put({ ...typed(), evidence: "typed" });
});

// --- what a scanner gives, whichever it is ---

function putPerson(card, { born, rank }) {
  const { domain, care_date } = typed();
  return put({
    insurer: card.insurer, member_number: card.member, birth_date: born, birth_rank: String(rank),
    domain, care_date, evidence: "scan", card_secret: card.secret,
  });
}

function choose(card) {
  const told = new Intl.DateTimeFormat(document.documentElement.lang === "en" ? "en-GB" : "fr-FR", { dateStyle: "long", timeZone: "UTC" });
  const choices = card.people.map((one) => {
    const choice = document.createElement("button");
    choice.type = "button";
    const twin = one.rank > 1 ? ` ${people.dataset.twin.replace("{rank}", one.rank)}` : "";
    choice.textContent = told.format(new Date(`${one.born}T00:00Z`)) + twin;
    choice.addEventListener("click", () => putPerson(card, one));
    const item = document.createElement("li");
    item.append(choice);
    return item;
  });
  people.querySelector("ul").replaceChildren(...choices);
  people.hidden = false;
  chosenFrom = performance.now() + TOO_SOON;
  people.querySelector("button").focus();
}

people.addEventListener("keydown", (event) => {
  if (event.key !== "Enter") chosenFrom = 0;
  else if (performance.now() < chosenFrom) event.preventDefault();
});

async function cardIn(texts) {
  for (const text of texts) {
    try {
      return await readCard(text);
    } catch (error) {
      if (!(error instanceof NotACard)) throw error;
    }
  }
  return null;
}

/** Whether a card that is read now can be asked about. Nobody asks while the counter changes hands or is locked. */
function mayScan() {
  if (!main.isConnected || main.hidden) return false;
  if (isWaiting()) say(form.dataset.waiting, true);
  return !isWaiting();
}

/** Take what a scanner read, each way that it may be meant; true when it is a card. */
async function scanned(texts) {
  if (!mayScan()) return false;
  const card = await cardIn(texts);
  if (!mayScan()) return false;
  if (!card) {
    say(form.dataset.unknown, true);
    return false;
  }
  for (const dialog of document.querySelectorAll("dialog[open]")) dialog.close();
  closeCamera();
  if (isShown() || !people.hidden) next();
  say("");
  if (card.people.length === 1) putPerson(card, card.people[0]);
  else choose(card);
  return true;
}

listen(scanned);

// --- the camera ---

const camera = document.getElementById("camera");
const useCamera = document.getElementById("use-camera");
let watching = null;

function closeCamera() {
  watching?.abort();
  watching = null;
  camera.hidden = true;
}

/** Of what a picture shows, take the card if there is one; else say once that there is none. */
async function lookedAt(texts, told) {
  if (await cardIn(texts)) return scanned(texts);
  if (!told.has(texts.join())) say(form.dataset.unknown, true);
  told.add(texts.join());
  return false;
}

async function openCamera() {
  const told = new Set();
  const mine = new AbortController();
  closeCamera();
  watching = mine;
  say("");
  camera.hidden = false;
  document.getElementById("close-camera").focus();
  try {
    const { watch } = await import("./camera.js");
    await watch(document.getElementById("view"), (texts) => lookedAt(texts, told), mine.signal);
  } catch (error) {
    if (mine.signal.aborted) return;
    const why = { NotAllowedError: camera.dataset.refused, NotFoundError: camera.dataset.none }[error.name];
    say(why ?? document.getElementById("said").dataset.failed, true);
  }
  if (watching === mine) closeCamera();
}

useCamera.addEventListener("click", openCamera);
document.getElementById("close-camera").addEventListener("click", () => {
  closeCamera();
  useCamera.focus();
});
// Nobody looks at a page that is hidden, and its camera looks at nobody.
addEventListener("visibilitychange", () => document.hidden && closeCamera());

document.getElementById("next").addEventListener("click", dismiss);
document.getElementById("no-card").addEventListener("click", dismiss);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat || document.querySelector("dialog[open]")) return;
  const wasWatching = !camera.hidden;
  if (wasWatching) closeCamera();
  if (isShown() || !people.hidden) dismiss();
  else if (wasWatching) field("insurer").focus();
});
// A page that the browser puts back shows nobody.
addEventListener("pageshow", (event) => event.persisted && next());
empty();
