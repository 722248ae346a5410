// What the parts of the page share: the data, the state kept in the address, and SVG elements.
// The address reads #section?runner=V01&phase=40: an anchor, then the state.
"use strict";

const page = (() => {
  const block = document.getElementById("page-data");
  const data = block ? JSON.parse(block.textContent) : {};
  const state = {};
  const listeners = [];
  const tables = {};
  // browsers allow few changes of the address: 100 in half a minute
  const ADDRESS_MS = 150;
  let anchor = "";
  let pending = 0;

  function readAddress() {
    // the state is decoded by itself: a name may hold a plus sign
    const [id, query] = location.hash.slice(1).split("?");
    anchor = decodeURIComponent(id || "");
    if (query) Object.assign(state, Object.fromEntries(new URLSearchParams(query)));
  }

  function writeAddress() {
    clearTimeout(pending);
    history.replaceState(null, "", `#${anchor}?${new URLSearchParams(state)}`);
  }

  /** Keep the state in the address, once it rests: not every place that a slider passes. */
  function keepAddress() {
    const before = location.hash;
    clearTimeout(pending);
    // a link that was followed meanwhile is not taken back
    pending = setTimeout(() => {
      if (location.hash === before) writeAddress();
    }, ADDRESS_MS);
  }

  function tell(changes) {
    for (const listener of listeners) listener(state, changes);
  }

  /** Change the state (strings and numbers) and whatever listens at once, the address soon. */
  function set(changes, section = anchor) {
    for (const [key, value] of Object.entries(changes)) state[key] = String(value);
    anchor = section;
    keepAddress();
    tell(changes);
  }

  /** Open what holds an element, and bring it into view. */
  function show(id) {
    const found = id ? document.getElementById(id) : null;
    if (!found) return;
    for (let up = found; up; up = up.parentElement) if (up.tagName === "DETAILS") up.open = true;
    const inside = found.matches("details, section") ? null : found.querySelector(":scope > details");
    if (inside) inside.open = true;
    found.scrollIntoView();
  }

  function goToAddress() {
    readAddress();
    tell(state);
    show(anchor);
  }

  /** Append an SVG element with its attributes to a parent, and return it. */
  function svg(parent, name, attributes = {}, text = "") {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
    if (text) made.textContent = text;
    parent.appendChild(made);
    return made;
  }

  document.documentElement.classList.add("scripted");
  readAddress();
  window.addEventListener("hashchange", goToAddress);
  window.addEventListener("DOMContentLoaded", goToAddress);
  return {
    data,
    state,
    /** Numbers behind a drawn figure, by the name in its data-figure: functions giving rows. */
    tables,
    set,
    show,
    svg,
    /** Call listener(state, changes) after every change, and once when the page is read. */
    on: (listener) => listeners.push(listener),
  };
})();
