// On every page that asks: shows what to do when an answer says that something is closed.

const part = document.getElementById("closed");
const place = part.previousElementSibling;
const hiddenAtFirst = part.hidden;

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
