// Buttons under every figure: take it away as SVG or PNG, and its numbers as CSV. All of it is made
// in the page; nothing is asked of a server.
"use strict";

(() => {
  const XMLNS = "http://www.w3.org/2000/svg";
  // what a drawing takes from the page's style sheet, and must carry itself when it leaves
  const STYLES = [
    "color", "display", "visibility", "opacity", "fill", "fill-opacity", "fill-rule", "stroke", "stroke-width",
    "stroke-opacity", "stroke-dasharray", "stroke-dashoffset", "stroke-linecap", "stroke-linejoin",
    "font-family", "font-size", "font-style", "font-weight", "text-anchor", "dominant-baseline",
    "letter-spacing", "paint-order", "marker-start", "marker-end", "clip-path", "transform", "vector-effect",
  ];
  const WIDE_PX = 1000;
  const HEAD = 36;

  /** The page's colours by day: a figure that leaves is printed or pasted on white. */
  function dayColours() {
    const found = [];
    for (const sheet of document.styleSheets) {
      for (const rule of sheet.cssRules) {
        if (rule.selectorText !== ":root") continue;
        for (const name of rule.style) if (name.startsWith("--")) found.push([name, rule.style.getPropertyValue(name)]);
      }
    }
    return found;
  }

  /** Who and what a figure shows, in lines to stand above it once it has left the page. */
  function captionLines(figure) {
    const virtual = page.data.virtual ? ", virtual runners" : "";
    const shown = figure.dataset.shown ? `; ${figure.dataset.shown}` : "";
    return [titleOf(figure), `strikelean, cohort ${page.data.cohort}${virtual}${shown}`];
  }

  /** A copy of a drawing that needs nothing beside it. */
  function standalone(svg) {
    const held = document.createElement("div");
    held.className = "take-copy";
    for (const [name, value] of dayColours()) held.style.setProperty(name, value);
    held.style.colorScheme = "light";
    held.style.color = "var(--ink)";
    const box = svg.getBoundingClientRect();
    const view = svg.viewBox.baseVal;
    const width = Math.round(view && view.width ? view.width : box.width) || 300;
    const drawnHeight = Math.round(view && view.height ? view.height : box.height) || 150;
    const height = drawnHeight + HEAD;
    const copy = svg.cloneNode(true);
    held.style.width = `${width}px`;
    held.appendChild(copy);
    svg.parentElement.appendChild(held);
    copy.querySelectorAll("script, style").forEach((element) => element.remove());
    // what is drawn by reference takes its colours from there, unless the style sheet names it
    const drawn = [copy, ...copy.querySelectorAll("*")].filter(
      (one) => !/^(title|desc|defs|metadata)$/.test(one.tagName) && (!one.closest("defs") || one.classList.length),
    );
    // all are read before any is changed: rules look at classes of what stands around
    const read = drawn.map((one) => {
      const own = getComputedStyle(one);
      return STYLES.map((name) => [name, own.getPropertyValue(name)]);
    });
    drawn.forEach((one, place) => {
      for (const [name, value] of read[place]) one.style.setProperty(name, value);
      one.removeAttribute("class");
    });
    held.remove();
    copy.setAttribute("xmlns", XMLNS);
    copy.setAttribute("width", width);
    copy.setAttribute("height", height);
    const [x, y] = view && view.width ? [view.x, view.y - HEAD] : [0, -HEAD];
    copy.setAttribute("viewBox", `${x} ${y} ${width} ${height}`);
    const paper = document.createElementNS(XMLNS, "rect");
    const at = { x, y, width, height, fill: "#fff" };
    for (const [name, value] of Object.entries(at)) paper.setAttribute(name, value);
    copy.insertBefore(paper, copy.firstChild);
    captionLines(svg.closest("figure")).forEach((line, place) => {
      const style = { x: x + 5, y: y + 15 + 14 * place, fill: place ? "#57606a" : "#1b1f24", "font-weight": place ? 400 : 700 };
      page.svg(copy, "text", { ...style, "font-size": place ? 10 : 12, "font-family": "sans-serif" }, line);
    });
    return { text: new XMLSerializer().serializeToString(copy), width, height };
  }

  function asSvg(svg) {
    const { text } = standalone(svg);
    return Promise.resolve(new Blob([`<?xml version="1.0" encoding="UTF-8"?>\n${text}\n`], { type: "image/svg+xml" }));
  }

  /** The drawing at two or three times its size. */
  async function asPng(svg) {
    const { text, width, height } = standalone(svg);
    const times = width > WIDE_PX ? 2 : 3;
    const address = URL.createObjectURL(new Blob([text], { type: "image/svg+xml" }));
    try {
      const picture = new Image();
      picture.src = address;
      await picture.decode();
      const canvas = document.createElement("canvas");
      canvas.width = width * times;
      canvas.height = height * times;
      canvas.getContext("2d").drawImage(picture, 0, 0, canvas.width, canvas.height);
      return await new Promise((resolve) => canvas.toBlob(resolve, "image/png"));
    } finally {
      URL.revokeObjectURL(address);
    }
  }

  function cell(value) {
    const text = value === null || value === undefined ? "" : String(value);
    return /[",\n\r]/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
  }

  /** Rows as text of a CSV file. */
  const csvText = (rows) => rows.map((row) => `${row.map(cell).join(",")}\r\n`).join("");

  function rowsOf(name) {
    if (page.tables[name]) return page.tables[name]();
    return (page.data.tables || {})[name] || null;
  }

  const asCsv = (name) => Promise.resolve(new Blob([csvText(rowsOf(name))], { type: "text/csv;charset=utf-8" }));

  function hand(blob, name) {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(blob);
    link.download = name;
    document.body.appendChild(link);
    link.click();
    link.remove();
    setTimeout(() => URL.revokeObjectURL(link.href), 10000);
  }

  const safe = (text) => String(text).replace(/[^\w.-]+/g, "_");

  function titleOf(figure) {
    const heading = figure.querySelector("h3, h4") || figure.closest("section")?.querySelector("h2");
    return figure.getAttribute("aria-label") || heading?.textContent.trim() || figure.dataset.figure;
  }

  function addButtons(figure) {
    const name = figure.dataset.figure;
    const drawing = () => figure.querySelector("svg");
    const title = titleOf(figure);
    // the box keeps links to the figure from opening it
    const box = document.createElement("div");
    box.className = "take";
    const group = document.createElement("details");
    const summary = document.createElement("summary");
    summary.textContent = "Take away";
    summary.setAttribute("aria-label", `Take away: ${title}`);
    group.appendChild(summary);
    box.appendChild(group);
    const kinds = [
      ["SVG", "svg", () => asSvg(drawing()), "as a drawing (SVG)"],
      ["PNG", "png", () => asPng(drawing()), "as a picture (PNG)"],
    ];
    if (rowsOf(name)) kinds.push(["CSV", "csv", () => asCsv(name), "its numbers (CSV)"]);
    for (const [label, ending, make, words] of kinds) {
      const button = document.createElement("button");
      button.type = "button";
      button.textContent = label;
      button.setAttribute("aria-label", `${label}: ${title}, ${words}`);
      button.addEventListener("click", async () => {
        hand(await make(), `strikelean_${safe(page.data.cohort)}_${safe(name)}.${ending}`);
      });
      group.appendChild(button);
    }
    const drawn = drawing();
    if (drawn) drawn.after(box);
  }

  // after every part of the page has named its numbers
  window.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("figure[data-figure]").forEach(addButtons);
  });
})();
