"""The standing markers of a runner from the front and both sides, to confirm a draft in."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from strikelean.drafting.landmarks import Landmark
from strikelean.drafting.segments import Division

_SCALE, _MARGIN, _LINE = 430.0, 40.0, 13.0
_COLOURS = {
    "foot": "#b3541e",
    "shank": "#0b62a4",
    "thigh": "#2e7d32",
    "pelvis": "#7b1fa2",
    "trunk": "#37474f",
    "arm": "#8a6d00",
    "head": "#9e9e9e",
}
_STYLE = (
    "body{font:15px/1.45 system-ui,sans-serif;margin:1.5rem;max-width:70rem;color:#222}"
    "svg{border:1px solid #ccc;margin:0 1rem 1rem 0;background:#fff}text{font:11px sans-serif}"
    "td,th{padding:.15rem .8rem .15rem 0;text-align:left}.mark{font-weight:bold}"
)


def _colour(part: str) -> str:
    return _COLOURS[part.split()[-1]]


def _spread(downs: Sequence[float]) -> list[float]:
    """Return heights of labels, in their order, at least a line apart."""
    placed: list[float] = []
    for down in downs:
        placed.append(max(down, placed[-1] + _LINE) if placed else down)
    return placed


def _view(
    division: Division,
    across: Sequence[float],
    shown: Sequence[int],
    marked: set[int],
    title: str,
) -> str:
    """Return one view: dots where the markers are, names in columns beside them."""
    ups = [float(place[1]) for place in division.places_m]
    left, right = min(across), max(across)
    wide = 2 * 150.0 + _SCALE * (right - left)
    downs = [_MARGIN + _SCALE * (max(ups) - up) for up in ups]
    middle = 0.5 * (left + right)
    lines, bottom = [], 0.0
    for side in (-1.0, 1.0):
        own = [n for n in shown if (across[n] < middle) == (side < 0.0)]
        own.sort(key=lambda n: downs[n])
        for number, down in zip(own, _spread([downs[n] for n in own]), strict=True):
            bottom = max(bottom, down)
            x = 150.0 + _SCALE * (across[number] - left)
            edge, anchor = (145.0, "end") if side < 0.0 else (wide - 145.0, "start")
            colour = _colour(division.parts[number])
            name = escape(division.names[number])
            bold = ' class="mark"' if number in marked else ""
            lines.append(
                f'<line x1="{x:.1f}" y1="{downs[number]:.1f}" x2="{edge:.1f}" y2="{down:.1f}" '
                f'stroke="{colour}" stroke-width=".5"/>'
                f'<circle cx="{x:.1f}" cy="{downs[number]:.1f}" r="{5 if bold else 3}" '
                f'fill="{colour}"><title>{name}: {division.parts[number]}</title></circle>'
                f'<text x="{edge:.1f}" y="{down + 4.0:.1f}" text-anchor="{anchor}" '
                f'fill="{colour}"{bold}>{name}</text>'
            )
    tall = max(bottom, max(downs)) + _MARGIN
    return (
        f'<svg role="img" width="{wide:.0f}" height="{tall:.0f}" '
        f'viewBox="0 0 {wide:.0f} {tall:.0f}"><title>{escape(title)}</title>'
        f'<text x="10" y="18">{escape(title)}</text>{"".join(lines)}</svg>'
    )


def _rows(cells: Iterable[Sequence[str]]) -> str:
    return "".join(f"<tr>{''.join(f'<td>{escape(c)}</td>' for c in row)}</tr>" for row in cells)


def picture_page(division: Division, landmarks: Sequence[Landmark], told: str) -> str:
    """Return a page with three views, the proposed parts and the proposed landmarks.

    Args:
        division: which marker sits on which part.
        landmarks: as proposed.
        told: what the page is about, a sentence.
    """
    marked = {one.marker for one in landmarks}
    # from the front the runner's right is on the left
    front = [-float(place[2]) for place in division.places_m]
    ahead = [float(place[0]) for place in division.places_m]
    behind = [-value for value in ahead]
    everything = range(len(front))
    rights, lefts = (
        [n for n in everything if not division.parts[n].startswith(other)]
        for other in ("left", "right")
    )
    parts = {
        part: [n for n, p in zip(division.names, division.parts, strict=True) if p == part]
        for part in sorted(set(division.parts))
    }
    named = [
        (f"{one.side} {one.role.replace('_', ' ')}".strip(), division.names[one.marker])
        for one in landmarks
    ]
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Drafted marker set</title>'
        f"<style>{_STYLE}</style><h1>Drafted marker set, to confirm</h1><p>{escape(told)}</p>"
        "<p>Colours are the proposed parts of the body, thick dots and bold names the proposed "
        "landmarks.</p>"
        f"{_view(division, front, everything, marked, 'From the front: right side on the left')}"
        f"{_view(division, ahead, rights, marked, 'From the right: right side and middle')}"
        f"{_view(division, behind, lefts, marked, 'From the left: left side and middle')}"
        f"<h2>Parts</h2><table>{_rows((part, ', '.join(own)) for part, own in parts.items())}"
        f"</table><h2>Landmarks</h2><table>{_rows(named)}</table></html>\n"
    )
