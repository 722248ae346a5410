"""Take the read-me's pictures from the page of a run in Chromium; ``make pictures`` after one."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Any

import headless

TOP = Path(__file__).parents[1]
WIDTH_PX, HEIGHT_PX = 1100, 800
MARGIN_PX = 12
# by name: the address in the page, the sections from the first to the last that it shows, and how
# tall it may get, px: a read-me has no room for all charts
PICTURES = {
    "answer": ("#answer?phase=40", ("answer", "see"), 1780),
    "lean": ("#lean?lean=20&runner=mean", ("lean",), 1280),
}
SETTLED_MS = 600


def extent(page: Any, sections: tuple[str, ...], tallest_px: int) -> dict[str, float] | None:
    """Return where on the page these sections lie, None where it has none of them."""
    found = [page.locator(f"section#{name}") for name in sections]
    boxes = [one.first.bounding_box() for one in found if one.count()]
    if not boxes:
        return None
    top = max(0.0, min(box["y"] for box in boxes) - MARGIN_PX)
    bottom = max(box["y"] + box["height"] for box in boxes) + MARGIN_PX
    return {"x": 0, "y": top, "width": WIDTH_PX, "height": min(bottom - top, tallest_px)}


def photograph(browser: Any, file: Path, output: Path) -> list[Path]:
    """Write the pictures of a page that it has sections for, and return them."""
    written = []
    for name, (address, sections, tallest_px) in PICTURES.items():
        page = browser.new_page(viewport={"width": WIDTH_PX, "height": HEIGHT_PX})
        page.goto(file.resolve().as_uri() + address, wait_until="load")
        page.wait_for_timeout(SETTLED_MS)
        page.evaluate("() => window.scrollTo(0, 0)")
        clip = extent(page, sections, tallest_px)
        if clip is not None:
            written.append(output / f"page_{name}.png")
            page.screenshot(path=written[-1], full_page=True, clip=clip)
        page.close()
    return written


def main() -> int:
    """Write docs/page_*.png of a folder of results; return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("results", type=Path, help="folder of a cohort's results")
    parser.add_argument("--output", type=Path, default=TOP / "docs", help="folder of pictures")
    chosen = parser.parse_args()
    page = chosen.results / "report.html"
    wanted = headless.lacking()
    if not page.is_file():
        wanted = f"expected {page}, found none. Run make reproduce."
    if wanted:
        print(f"strikelean: {wanted}", file=sys.stderr)
        return 2
    with headless.browser() as browser:
        written = photograph(browser, page, chosen.output)
    print("\n".join(map(str, written)) or f"{page} has none of the sections that are shown")
    return 0 if written else 1


if __name__ == "__main__":
    sys.exit(main())
