// Says what is wrong with a field beside it, in the page's own words, and goes to the first one.

function fault({ validity }) {
  return validity.valueMissing ? "missing" : "wrong";
}

/** Say what is wrong with a field; with no message, that nothing is. */
export function mend(input, message = "") {
  document.getElementById(`${input.id}-error`).textContent = message;
  if (message) input.setAttribute("aria-invalid", "true");
  else input.removeAttribute("aria-invalid");
}

/** Whether every field of a form holds; says beside each what does not, and goes to the first. */
export function holds(form) {
  const inputs = [...form.querySelectorAll("input[data-missing]")];
  for (const input of inputs) mend(input, input.validity.valid ? "" : input.dataset[fault(input)]);
  const first = inputs.find((input) => !input.validity.valid);
  first?.focus();
  return !first;
}

// What was wrong and has been put right is said no more; what is being typed is not judged yet.
addEventListener("input", ({ target }) => {
  if (target.getAttribute("aria-invalid") && target.validity.valid) mend(target);
});
