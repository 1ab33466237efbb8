// On every page that asks: shows what to do when an answer says that something is closed.

/** Show the part of the page about it, which the server wrote and kept hidden. */
export function showClosed() {
  const part = document.getElementById("closed");
  part.hidden = false;
  part.focus();
}
