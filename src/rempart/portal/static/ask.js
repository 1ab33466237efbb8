// The page that asks. What is asked lives in the form and in this module until the answer is there, and
// nowhere else: no address, no history, no storage.

import { clear, isShown, show } from "./answer.js";
import { NotACard, readCard } from "./card.js";
import { mend } from "./fields.js";
import { run, say } from "./passkey.js";
import { ask } from "./proof.js";
import { listen } from "./wedge.js";

const FIELDS = ["insurer", "member_number", "birth_date", "birth_rank", "domain", "care_date"];
// Outcomes after which the same question may be asked again with something better.
const AGAIN = ["better_evidence_needed", "exception_possible"];

const form = document.getElementById("question");
const button = document.getElementById("ask");
const people = document.getElementById("people");
const began = { server: Number(form.dataset.now), here: performance.now() };
const field = (name) => form.elements[name];

let unanswered = null; // { said, reference }: what was sent and not answered; sent again, it is the same question
let kept = null; // the question on whose answer something better is awaited

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
  if (!input || input.type === "hidden") return false;
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

// --- asking ---

function referenceOf(said) {
  const text = JSON.stringify(said);
  if (unanswered?.text !== text) unanswered = { text, reference: crypto.randomUUID() };
  return unanswered.reference;
}

const plainly = (question) => ask("rights-questions", question);

async function answerTo(said, by) {
  const answer = await by({ ...said, reference: referenceOf(said) });
  unanswered = null;
  return answer;
}

/** Put a question, and show its answer or what is wrong with it. */
function put(said, by = plainly) {
  say("");
  nothingWrong();
  return run(button, async () => {
    form.setAttribute("aria-busy", "true");
    let answer;
    try {
      answer = await answerTo(said, by);
    } catch (error) {
      if (error.code === "too_many_questions") answer = { outcome: error.code };
      else if (blamed(error)) return;
      else throw error;
    } finally {
      form.removeAttribute("aria-busy");
    }
    kept = AGAIN.includes(answer.outcome) ? said : null;
    empty();
    form.hidden = true;
    show(answer, { domain: said.domain, careDate: said.care_date });
  });
}

/** Ask again what was asked just now, for answers that await something better. `by` takes the question as it
    would be sent, under a reference of its own, and gives its answer. */
export async function askAgain(by) {
  unanswered = null;
  if (kept) await put(kept, by);
}

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
  people.querySelector("button").focus();
}

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

/** Take what a scanner read, each way that it may be meant; true when it is a card. */
async function scanned(texts) {
  if (button.disabled) return false;
  const card = await cardIn(texts);
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

document.getElementById("next").addEventListener("click", next);
document.getElementById("no-card").addEventListener("click", next);
addEventListener("keydown", (event) => {
  if (event.key !== "Escape" || event.repeat || document.querySelector("dialog[open]")) return;
  const wasWatching = !camera.hidden;
  if (wasWatching) closeCamera();
  if (isShown() || !people.hidden) next();
  else if (wasWatching) field("insurer").focus();
});
// A page that the browser puts back shows nobody.
addEventListener("pageshow", (event) => event.persisted && next());
empty();
