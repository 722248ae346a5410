"""A page read back: its tables cell by cell, its texts, and whether printed numbers are right.

Written against what a page must say, without any code that writes it.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = {"meta", "br", "img", "link", "input", "hr", "wbr"}
UNREAD = {"style", "script", "title", "metadata", "desc", "defs"}
DASH, MINUS = "\u2013", "\u2212"
# a number that stands for itself: none of a name (V01), an address or a version
NUMBER = re.compile(rf"(?<![\w./:])[{MINUS}+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?(?![\w/]|\.\d)")
SLOT = rf"(< 0\.001|{DASH}|[{MINUS}+-]?\d+(?:\.\d+)?(?:e[+-]?\d+)?)"


@dataclass
class Node:
    """An element of a page: its tag, attributes, and what it holds in order."""

    tag: str
    attributes: dict[str, str]
    parent: Node | None = None
    content: list[Node | str] = field(default_factory=list)

    @property
    def children(self) -> list[Node]:
        """The elements directly within."""
        return [one for one in self.content if isinstance(one, Node)]

    def all(self, *tags: str) -> Iterator[Node]:
        """Walk all elements of these tags within, in order."""
        for child in self.children:
            if child.tag in tags:
                yield child
            yield from child.all(*tags)

    def first(self, *tags: str) -> Node | None:
        """Return the first element of these tags within."""
        return next(self.all(*tags), None)

    def text(self, *without: str) -> str:
        """Return the text within in one line, elements of some tags left out."""
        return " ".join("".join(self._texts((*UNREAD, *without))).split())

    def _texts(self, without: tuple[str, ...]) -> Iterator[str]:
        for one in self.content:
            if isinstance(one, str):
                yield one
            elif one.tag not in without:
                # blocks stand apart, parts of a line do not
                apart = one.tag in ("div", "p", "li", "td", "th", "tr", "text", "h2", "h3", "h4")
                yield " " if apart else ""
                yield from one._texts(without)
                yield " " if apart else ""

    def above(self) -> Iterator[Node]:
        """Walk what this stands in, from within."""
        node = self.parent
        while node is not None:
            yield node
            node = node.parent

    @property
    def place(self) -> str:
        """The id of the part of the page that this stands in, '' outside of all."""
        parts = (node for node in self.above() if node.tag in ("section", "details"))
        return next((node.attributes["id"] for node in parts if "id" in node.attributes), "")

    @property
    def row(self) -> str:
        """The first cell of the row that this stands in, the id of its card, or ''."""
        for node in self.above():
            if node.attributes.get("id", "").startswith("claim-"):
                return node.attributes["id"].removeprefix("claim-")
            if node.tag == "tr":
                return node.children[0].text()
        return ""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.top = Node("document", {})
        self.open = self.top

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {key: value or "" for key, value in attrs}, self.open)
        self.open.content.append(node)
        if tag not in VOID:
            self.open = node

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        node = Node(tag, {key: value or "" for key, value in attrs}, self.open)
        self.open.content.append(node)

    def handle_endtag(self, tag: str) -> None:
        node: Node | None = self.open
        while node is not None and node.tag != tag:
            node = node.parent
        if node is not None and node.parent is not None:
            self.open = node.parent

    def handle_data(self, data: str) -> None:
        self.open.content.append(data)


def read(text: str) -> Node:
    """Return a page as a tree of elements."""
    reader = _Reader()
    reader.feed(text)
    return reader.top


@dataclass(frozen=True)
class Table:
    """A table of the page.

    Attributes:
        place: id of the part it stands in.
        caption: its caption, '' without one.
        heading: the last heading, or summary of the collapsed part, before it.
        row: first cell of the row that it stands in, where it stands in another table.
        header: names of its columns.
        rows: texts of the cells of its body; tables within a cell are left out of it.
    """

    place: str
    caption: str
    heading: str
    row: str
    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


def tables(page: Node) -> list[Table]:
    """Return all tables of a page in order, those within cells of others too."""
    found, heading = [], ""
    for node in page.all("h1", "h2", "h3", "h4", "summary", "table"):
        if node.tag != "table":
            heading = node.text()
            continue
        caption, head = node.first("caption"), node.first("thead")
        cells = [] if head is None else head.all("th", "td")
        rows = [
            tuple(cell.text("details") for cell in row.children if cell.tag in ("th", "td"))
            for body in node.children
            if body.tag == "tbody"
            for row in body.children
            if row.tag == "tr"
        ]
        found.append(
            Table(
                node.place,
                "" if caption is None else caption.text(),
                heading,
                node.row,
                tuple(cell.text() for cell in cells),
                tuple(rows),
            )
        )
    return found


def count_numbers(text: str) -> int:
    """Return how many numbers a text holds."""
    return len(NUMBER.findall(text))


@dataclass(frozen=True)
class Said:
    """What a cell must say: words with ``{}`` where each of the numbers stands.

    Attributes:
        words: the text, numbers left out.
        numbers: of the tables, in the same unit; None or NaN where they are not known.
        or_else: another text that is right too.
    """

    words: str
    numbers: tuple[object, ...] = ()
    or_else: str | None = None


def said(words: object, *numbers: object, or_else: str | None = None) -> Said:
    """Return what a cell must say."""
    return Said(str(words), numbers, or_else)


def value_of(number: object) -> float:
    """Return a number of a table, NaN where there is none."""
    if number is None or number == "" or isinstance(number, str):
        return float(number) if number else math.nan
    return float(number)  # type: ignore[arg-type]


def is_rounding(printed: str, number: object) -> bool:
    """Return whether a printed number is the rounding of a value at the digits printed."""
    value = value_of(number)
    if printed == DASH or math.isnan(value):
        return printed == DASH and math.isnan(value)
    if printed == "< 0.001":
        return 0.0 <= value < 0.001
    plain = printed.replace(MINUS, "-")
    decimals = len(plain.partition("e")[0].partition(".")[2])
    power = int(plain.partition("e")[2] or 0)
    slack = 1e-9 + 1e-9 * abs(value)
    if plain.startswith("-") and float(plain) == 0.0:
        return False
    return abs(float(plain) - value) <= 0.5 * 10.0 ** (power - decimals) + slack


def plain(text: str) -> str:
    """Return a text with plain signs and single blanks."""
    return " ".join(text.replace(MINUS, "-").replace("\u00b1", "+-").split())


def fits(cell: str, expected: Said) -> bool:
    """Return whether a cell says what it must, its numbers rounded right."""
    if expected.or_else is not None and plain(cell) == plain(expected.or_else):
        return True
    values = [value_of(number) for number in expected.numbers]
    # a dash stands for the whole where a part is not known
    if cell == DASH and values and any(map(math.isnan, values)):
        return True
    pieces = [re.escape(plain(piece)) for piece in expected.words.split("{}")]
    pattern = rf"\s*{SLOT}\s*".join(pieces)
    found = re.fullmatch(pattern, plain(cell))
    if found is None:
        return False
    printed = found.groups()
    return all(is_rounding(one, value) for one, value in zip(printed, values, strict=True))
