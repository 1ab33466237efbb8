// The page of an invitation: its code stands behind # in the address, which no server is told.

import { holds } from "./fields.js";
import { make, run, say } from "./passkey.js";
import { signIn } from "./proof.js";
import { canMakePasskeys, makeSoftwareKey } from "./software_key.js";

const form = document.getElementById("enrol");
const button = form.querySelector("button");
const link = decodeURIComponent(location.hash.slice(1));
// Out of the address bar, the history and any bookmark.
history.replaceState(null, "", location.pathname);
// Another language is another page, which needs the code again.
document.querySelector(".tongue").hash = link;
if (!link) say(form.dataset.noLink, true);

form.addEventListener("submit", (event) => {
  event.preventDefault();
  if (!holds(form)) return;
  // The demonstration's second button stands in for a passkey; nothing else differs.
  const isSoftware = event.submitter?.id === "software";
  run(isSoftware ? event.submitter : button, async () => {
    const codes = { link, second: form.elements.second.value };
    const options = await signIn("enrolment", codes);
    const credential = await (isSoftware ? makeSoftwareKey : make)(options);
    await signIn("passkey", { ...codes, credential, label: form.elements.label.value.trim() });
    form.hidden = true;
    document.querySelector(".lead").hidden = true;
    document.getElementById("next").hidden = false;
    say(form.dataset.done);
  });
});

const software = document.getElementById("software");
if (software && !(await canMakePasskeys())) {
  document.getElementById("no-passkeys").hidden = false;
  software.classList.add("main");
  button.classList.remove("main");
}
