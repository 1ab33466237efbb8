// Asks before a step that is hard to undo. The template has {{ confirmation() }} of parts.html.

/** Ask; whether the answer is yes. `step` is what the button says, the name of the step itself. */
export function sure(question, step) {
  const dialog = document.getElementById("sure");
  document.getElementById("sure-question").textContent = question;
  const [yes, no] = dialog.querySelectorAll("button");
  yes.textContent = step;
  return new Promise((resolve) => {
    yes.onclick = () => dialog.close("yes");
    no.onclick = () => dialog.close("no");
    dialog.onclose = () => resolve(dialog.returnValue === "yes");
    dialog.returnValue = "no";
    dialog.showModal();
  });
}
