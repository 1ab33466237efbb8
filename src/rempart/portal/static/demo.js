// The demonstration's first page: puts a code or a card's number where it can be pasted.

const copied = document.getElementById("copied");

for (const button of document.querySelectorAll("[data-copy]")) {
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy);
    copied.textContent = copied.dataset.text;
    button.classList.add("main");
    setTimeout(() => {
      button.classList.remove("main");
      copied.textContent = "";
    }, 1500);
  });
}
