// The lock screen: one touch, by whoever was here or by a colleague.

import { offerSoftwareKeys } from "./offered_keys.js";
import { sessionHandle } from "./key.js";
import { goOn, pageBefore } from "./lock.js";
import { run, touch } from "./passkey.js";

const button = document.getElementById("unlock");
const before = sessionHandle();
const goOnAs = async (handle) => goOn(handle === (await before) ? pageBefore() : undefined);

const unlock = () => run(button, async () => goOnAs(await touch()));

button.addEventListener("click", unlock);
addEventListener("keydown", (event) => {
  if (event.key !== "F2" || event.repeat) return;
  event.preventDefault();
  unlock();
});
offerSoftwareKeys(goOnAs);
