// The sign-in page.

import { run, touch } from "./passkey.js";
import { softwareKeys, touchSoftwareKey } from "./software_key.js";

const button = document.getElementById("sign-in");
button.addEventListener("click", () =>
  run(button, async () => {
    await touch();
    location.replace("/portal");
  }),
);

// On a demonstration: the keys that this browser made for itself, each under its owner's name.
const kept = document.getElementById("software-keys");
for (const key of kept ? await softwareKeys() : []) {
  const one = document.createElement("button");
  one.type = "button";
  one.textContent = kept.dataset.text.replace("NAME", key.name);
  one.addEventListener("click", () =>
    run(one, async () => {
      await touch((options) => touchSoftwareKey(key, options));
      location.replace("/portal");
    }),
  );
  const line = document.createElement("p");
  line.append(one);
  kept.append(line);
  kept.hidden = false;
}
