// Claims by verdict: the buttons hide the other cards, and the address keeps the choice.
"use strict";

(() => {
  const buttons = [...document.querySelectorAll(".filters button")];
  const cards = [...document.querySelectorAll(".claim")];
  const told = document.getElementById("claims-shown");
  // cards that nothing here can test lie folded away
  const untold = document.querySelector("#claims .untold");

  function filter(asked) {
    // a verdict that no claim has here shows all of them
    const verdict = cards.some((card) => card.dataset.verdict === asked) ? asked : "";
    for (const card of cards) card.hidden = verdict !== "" && card.dataset.verdict !== verdict;
    if (untold) {
      untold.hidden = !untold.querySelector(".claim:not([hidden])");
      if (verdict && !untold.hidden) untold.open = true;
    }
    for (const button of buttons) {
      button.setAttribute("aria-pressed", String(button.dataset.verdict === verdict));
    }
    const shown = cards.filter((card) => !card.hidden).length;
    if (told) told.textContent = verdict ? `${shown} of ${cards.length} claims shown.` : "";
  }

  page.on((state, changes) => {
    if ("verdict" in changes) filter(state.verdict);
  });
  for (const button of buttons) {
    button.addEventListener("click", () => page.set({ verdict: button.dataset.verdict }, "claims"));
  }
})();
