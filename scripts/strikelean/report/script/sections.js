// Closed sections are opened for the printer and closed again behind it.
"use strict";

(() => {
  let closed = [];

  window.addEventListener("beforeprint", () => {
    closed = [...document.querySelectorAll("details:not([open])")];
    for (const section of closed) section.open = true;
  });
  window.addEventListener("afterprint", () => {
    for (const section of closed) section.open = false;
    closed = [];
  });
})();
