// Each runner's own view: choosing a runner shows theirs alone; without script all are listed.
"use strict";

(() => {
  const select = document.getElementById("own-select");
  if (!select) return;
  const views = [...document.querySelectorAll("details.own")];
  const names = new Set(views.map((view) => view.dataset.runner));
  document.getElementById("own-choice").hidden = false;

  function choose(runner) {
    const one = names.has(runner);
    select.value = one ? runner : "mean";
    for (const view of views) {
      view.hidden = one && view.dataset.runner !== runner;
      if (one && !view.hidden) view.open = true;
    }
  }

  select.addEventListener("change", () => page.set({ runner: select.value }, "runners"));
  page.on((state, changes) => {
    if ("runner" in changes) choose(state.runner);
  });
  choose(page.state.runner);
})();
