// On a demonstration: the keys that this browser made for itself, each under its owner's name.

import { run, touch } from "./passkey.js";
import { softwareKeys, touchSoftwareKey } from "./software_key.js";

/** Offer them as buttons where the page has a place for them; `then` gets the handle of whoever touched one. */
export async function offerSoftwareKeys(then) {
  const place = document.getElementById("software-keys");
  for (const key of place ? await softwareKeys() : []) {
    const one = document.createElement("button");
    one.type = "button";
    one.textContent = place.dataset.text.replace("NAME", key.name);
    one.addEventListener("click", () =>
      run(one, async () => then(await touch((options) => touchSoftwareKey(key, options)))),
    );
    const line = document.createElement("p");
    line.append(one);
    place.append(line);
    place.hidden = false;
  }
}
