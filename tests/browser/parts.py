"""Where the parts of the page are that tests use: the one place that names them."""

from __future__ import annotations

# the runner moving
SEE = "#see"
PLAY = '#see [data-see="play"]'
SCRUB = '#see [data-see="scrub"]'
STAGE = '#see [data-see="stage"]'
RUNNER = '#see [data-see="runner"]'
FIGURES = "#see figure[data-figure]:not([hidden]) svg"
PHASE_SAID = '#see [data-see="phase"]'

# the explorer of lean
LEAN = "#explore-lean"
LEAN_SLIDER = "#explore-lean input[type=range]"
LEAN_RUNNER = "#explore-lean select"
LEAN_ROWS = "#explore-lean tr[data-metric]"
LEAN_SAID = "#explore-lean output"
LEAN_MARKS = "#explore-lean .dose-mark"
LEAN_FIGURE = "#lean-figure"

# claims
CLAIM = ".claim"
CLAIM_FILTERS = ".filters button[data-verdict]"

# figures that can be taken away
TAKEN = "figure[data-figure]"
TAKE_BUTTONS = ".take button"

# the state kept in the address
STATE = "() => ({...page.state})"
