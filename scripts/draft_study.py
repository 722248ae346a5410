"""Draft a study from a folder of recordings: ``draft_study.py NAME FOLDER``."""

from __future__ import annotations

import sys

from strikelean.drafting.new_study import main

if __name__ == "__main__":
    sys.exit(main())
