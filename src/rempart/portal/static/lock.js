// The lock: takes whatever is typed or shown off the screen at once, in every tab, and asks for a passkey.

const LOCK_SCREEN = "/portal/locked";
const tabs = new BroadcastChannel("rempart counter");

/** Empty this page: nothing of it is left, whatever the network does next. */
export function blank() {
  document.title = "Rempart";
  document.body.replaceChildren();
}

/** Show the lock screen in this tab; whoever unlocks comes back to this page, empty. */
export function showLockScreen() {
  if (location.pathname === LOCK_SCREEN) return;
  blank();
  sessionStorage.setItem("page", location.pathname);
  location.replace(LOCK_SCREEN);
}

/** The session is over, perhaps because its owner ended it from elsewhere: nothing of the page stays but what is said
    in its place, and the way back. Returns what to say. */
export function showOver() {
  const said = document.getElementById("said");
  const back = document.createElement("a");
  back.href = "/portal/sign-in";
  back.classList.add("button", "main");
  back.textContent = said.dataset.signIn;
  const title = said.parentElement.querySelector("h1");
  title.textContent = said.dataset.overTitle;
  document.title = `${said.dataset.overTitle} · Rempart`;
  said.parentElement.replaceChildren(title, said, back);
  // Nor does the head offer what a session could do.
  for (const one of document.querySelectorAll("[data-session]")) one.remove();
  back.focus();
  return said.dataset.over;
}

/** Where whoever unlocks goes on: a path of the portal's, and nothing else that might be stored. */
export function pageBefore() {
  const page = sessionStorage.getItem("page") ?? "";
  return /^\/portal\/[a-z-]+$/.test(page) && page !== LOCK_SCREEN ? page : "/portal";
}

/** Tell the other tabs: `locked`, or `hands` when the browser may be in others'. */
export const tellTabs = (what) => tabs.postMessage(what);

/** Go where a touch leads; what another tab showed is gone too. */
export function goOn(page = "/portal") {
  blank();
  tellTabs("hands");
  location.replace(page);
}

/** Show whoever has the browser now a page of his own; what this one showed is gone. */
export function startAgain() {
  blank();
  location.replace("/portal");
}

tabs.addEventListener("message", ({ data }) => {
  if (data === "locked") showLockScreen();
  if (data === "hands") startAgain();
});

// A page that the browser had put aside shows what was on it: ask for it again.
addEventListener("pageshow", (event) => {
  if (event.persisted) {
    blank();
    location.reload();
  }
});
