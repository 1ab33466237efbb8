// On every page that asks: shows what to do when an answer says that something is closed.

import { readPage } from "./parts.js";

const part = document.getElementById("closed");
const place = part.previousElementSibling;
let hiddenAtFirst = part.hidden;

/** Read what the server says now: the page may have been opened before anything was closed. When it cannot be
    read, the part keeps what it says of any question. */
export async function readClosed() {
  const now = await readPage("/portal/closed").then((page) => page?.getElementById("closed"), () => null);
  if (now) part.replaceChildren(...[...now.childNodes].map((one) => document.importNode(one, true)));
}

/** Show the part of the page about it, which the server wrote, right after a verdict. */
export function showClosed(verdict) {
  verdict.after(part);
  part.hidden = false;
}

/** Put it back where it was, hidden if nothing was closed when the page was opened. */
export function putClosedBack() {
  place.after(part);
  part.hidden = hiddenAtFirst;
}

/** An answer came that an account which is stopped does not get: what the page was opened with is over. */
export function nothingClosed() {
  hiddenAtFirst = true;
  part.hidden = true;
}
