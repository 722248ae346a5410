"""A page opened in Chromium, and what can be measured of it."""

from __future__ import annotations

import io
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

DESKTOP, PHONE = 1280, 390
OPEN_ALL = "() => document.querySelectorAll('details').forEach(one => { one.open = true; })"
PAINTED = "() => performance.getEntriesByName('first-contentful-paint')[0].startTime"
# every text that can be seen with its size on the screen, SVG's by the scale it is drawn at
TEXTS = """() => {
  const found = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const text = walker.currentNode.textContent.trim();
    const element = walker.currentNode.parentElement;
    if (!text || element.closest("title, desc, metadata, style, script, defs")) continue;
    if (!element.checkVisibility({visibilityProperty: true, opacityProperty: true})) continue;
    let size = parseFloat(getComputedStyle(element).fontSize);
    if (element.ownerSVGElement) {
      const drawn = element.getScreenCTM();
      size *= Math.sqrt(Math.abs(drawn.a * drawn.d - drawn.b * drawn.c));
    }
    const section = element.closest("section[id], section[aria-labelledby]");
    const where = section ? section.id || section.getAttribute("aria-labelledby") : "";
    found.push({size, text: text.slice(0, 60), where});
  }
  return found;
}"""
# what scrolls by itself and cannot be reached by keyboard
UNREACHABLE = """() => [...document.querySelectorAll("body *")].filter(element => {
  const style = getComputedStyle(element);
  const rolls = /auto|scroll/;
  const across = rolls.test(style.overflowX) && element.scrollWidth > element.clientWidth + 1;
  const down = rolls.test(style.overflowY) && element.scrollHeight > element.clientHeight + 1;
  if (!(across || down) || !element.checkVisibility()) return false;
  const inside = element.querySelector("a[href], button, input, select, summary, [tabindex='0']");
  return element.getAttribute("tabindex") !== "0" && !inside;
}).map(element => `${element.tagName} ${element.className}: ${element.textContent.slice(0, 60)}`)"""
WIDTH = "() => [document.documentElement.scrollWidth, window.innerWidth]"
# blocks of text that paper must hold: all but what the page's own style keeps from paper
BLOCKS = """() =>
  [...document.querySelectorAll("h1, h2, h3, h4, main p, main li, caption, summary")]
  .filter(element => {
    for (let up = element; up; up = up.parentElement)
      if (getComputedStyle(up).display === "none") return false;
    return true;
  }).map(element => element.textContent).filter(text => text.trim())"""


@dataclass
class Opened:
    """A page opened in Chromium.

    Attributes:
        page: playwright's.
        faults: errors and warnings of the console, and errors that nothing caught.
        requests: addresses asked for beside the page's own.
    """

    page: Any
    faults: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open_all(self) -> Opened:
        """Open every collapsed part."""
        self.page.evaluate(OPEN_ALL)
        return self

    def smallest_texts(self, below_px: float) -> list[str]:
        """Return the texts smaller than that on the screen, the smallest first."""
        texts = [text for text in self.page.evaluate(TEXTS) if text["size"] < below_px - 0.005]
        texts.sort(key=lambda text: text["size"])
        return [f"{text['size']:.1f} px in {text['where']}: {text['text']}" for text in texts]

    def violations(self) -> list[str]:
        """Return what axe-core finds wrong: rule, impact and the first places."""
        from axe_playwright_python.sync_playwright import Axe

        found = Axe().run(self.page).response["violations"]
        return [
            f"{one['id']} ({one['impact']}, {len(one['nodes'])} places): {one['help']}: "
            + "; ".join(str(node["html"])[:160] for node in one["nodes"][:3])
            for one in found
        ]

    def paper(self) -> str:
        """Return the text of the page printed to PDF, without any blank."""
        from pypdf import PdfReader

        printed = PdfReader(io.BytesIO(self.page.pdf(format="A4")))
        return squeezed("".join(sheet.extract_text() for sheet in printed.pages))


def squeezed(text: str) -> str:
    """Return a text as paper and screen have it alike: without blanks and ligatures."""
    return re.sub(r"[\s\u00ad]+", "", unicodedata.normalize("NFKC", text))


@contextmanager
def looked_at(
    browser: Any, file: Path, width: int = DESKTOP, *, dark: bool = False, address: str = ""
) -> Iterator[Opened]:
    """Open a file at an address in it (``#see?phase=40``); nothing else can be loaded.

    Args:
        browser: Chromium.
        file: the page.
        width: of the window, px.
        dark: whether the reader prefers dark colours.
        address: what follows the file's name.
    """
    context = browser.new_context(
        viewport={"width": width, "height": 900},
        color_scheme="dark" if dark else "light",
        accept_downloads=True,
        reduced_motion="no-preference",
    )
    opened = Opened(context.new_page())
    own = file.resolve().as_uri()

    def judge(route: Any) -> None:
        url = route.request.url
        # what the page makes itself is no request
        if url.partition("#")[0] == own or url.startswith(("data:", "blob:")):
            route.continue_()
        else:
            opened.requests.append(url)
            route.abort()

    def heard(message: Any) -> None:
        if message.type in ("error", "warning"):
            opened.faults.append(f"{message.type}: {message.text}")

    opened.page.route("**/*", judge)
    opened.page.on("console", heard)
    opened.page.on("pageerror", lambda error: opened.faults.append(f"uncaught: {error}"))
    opened.page.goto(own + address, wait_until="load")
    try:
        yield opened
    finally:
        context.close()
