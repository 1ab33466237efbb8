// The card of a question (templates/card_part.html): typed, scanned, or read by the camera. What it says lives in the
// form and in the page that asks until the answer is there, and nowhere else: no address, no history, no storage.

import { NotACard, readCard } from "./card.js";
import { mend } from "./fields.js";
import { language } from "./figures.js";
import { say } from "./passkey.js";
import { listen } from "./wedge.js";

const FIELDS = ["insurer", "member_number", "birth_date", "birth_rank", "domain", "care_date"];
const TOO_SOON = 400; // milliseconds in which a key meant for a scan's end chooses nobody

export const form = document.getElementById("question");
export const button = document.getElementById("ask"); // disabled while a question waits for its answer
export const field = (name) => form.elements[name];

const main = document.getElementById("main");
const people = document.getElementById("people");
const began = { server: Number(form.dataset.now), here: performance.now() };

let chosenFrom = 0; // when a choice among a card's people begins to count
// What the page does: `taken(said)` with who was read from a card, `makeRoom()` before that, `dismiss()` when its reader
// is done with what is shown.
let page = { taken() {}, makeRoom() {}, dismiss() {} };

/** Whether a question waits for its answer, or for a touch. */
export const isWaiting = () => button.disabled;

/** Whether the page asks who of a card's people is there. */
export const isChoosing = () => !people.hidden;

// --- the form ---

function today() {
  const now = new Date(began.server + performance.now() - began.here);
  return new Intl.DateTimeFormat("fr-FR", {
    timeZone: "Europe/Paris", day: "2-digit", month: "2-digit", year: "numeric",
  }).format(now);
}

/** Nothing is wrong with any field. */
export function nothingWrong() {
  for (const name of FIELDS) if (field(name).type !== "hidden") mend(field(name));
}

/** Show what the platform found wrong beside its field; false when it named no field of the card. */
export function blamed(error) {
  const input = FIELDS.includes(error.field) ? field(error.field) : null;
  if (!input || input.type === "hidden" || form.hidden) return false;
  if (error.field === "birth_rank") document.getElementById("twins").open = true;
  mend(input, input.getAttribute(`data-${error.code.replaceAll("_", "-")}`) ?? error.message);
  input.focus();
  input.select?.();
  return true;
}

/** Nothing of a card is left in the form; the domain stays as it was chosen. */
export function empty() {
  for (const name of FIELDS) if (name !== "domain") field(name).value = field(name).defaultValue;
  field("care_date").value = today();
  document.getElementById("twins").open = false;
  people.hidden = true;
  people.querySelector("ul").replaceChildren();
  nothingWrong();
}

/** What is typed, as the interface has it. */
export const typed = () => Object.fromEntries(FIELDS.map((name) => [name, field(name).value]));

/** Nothing is typed over a question that waits: the answer is about what was sent, and does not say whom. */
export function waiting(waits) {
  form.setAttribute("aria-busy", String(waits));
  for (const input of form.querySelectorAll("input")) input.readOnly = waits;
}

// A key held down asks once, and not again of the form that comes back under it.
form.addEventListener("keydown", (event) => event.key === "Enter" && event.repeat && event.preventDefault());

// --- what a scanner gives, whichever it is ---

function takePerson(card, { born, rank }) {
  const { domain, care_date } = typed();
  return page.taken({
    insurer: card.insurer, member_number: card.member, birth_date: born, birth_rank: String(rank),
    domain, care_date, evidence: "scan", card_secret: card.secret,
  });
}

function choose(card) {
  const told = new Intl.DateTimeFormat(language, { dateStyle: "long", timeZone: "UTC" });
  const choices = card.people.map((one) => {
    const choice = document.createElement("button");
    choice.type = "button";
    const twin = one.rank > 1 ? ` ${people.dataset.twin.replace("{rank}", one.rank)}` : "";
    choice.textContent = told.format(new Date(`${one.born}T00:00Z`)) + twin;
    choice.addEventListener("click", () => takePerson(card, one));
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
  page.makeRoom();
  say("");
  if (card.people.length === 1) takePerson(card, card.people[0]);
  else choose(card);
  return true;
}

/** Take cards from now on; what a page must do is said at `page`. */
export function takeCards(callbacks) {
  page = callbacks;
  listen(scanned);
}

// --- the camera ---

const camera = document.getElementById("camera");
const useCamera = document.getElementById("use-camera");
let watching = null;

/** Whether the camera looks. */
export const isWatching = () => !camera.hidden;

export function closeCamera() {
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
    const { refused, none, busy } = camera.dataset;
    const why = { NotAllowedError: refused, NotFoundError: none, NotReadableError: busy, AbortError: busy }[error.name];
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

document.getElementById("no-card").addEventListener("click", () => page.dismiss());
