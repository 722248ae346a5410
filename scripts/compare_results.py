"""Compare two result folders: ``compare_results.py A B``; exit code 1 where they differ."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from strikelean.verify.compare_results import compare_results


def main() -> int:
    """Print every difference and how many files are the same."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("a", type=Path, help="result folder, such as results/virtual")
    parser.add_argument("b", type=Path, help="the other one")
    folders = parser.parse_args()
    for folder in (folders.a, folders.b):
        if not folder.is_dir():
            print(f"strikelean: expected a result folder, found no {folder}.", file=sys.stderr)
            return 2
    both, differences = compare_results(folders.a, folders.b)
    for difference in differences:
        size = f" (relative {difference.relative:.2g})" if difference.relative >= 0.0 else ""
        print(f"{difference.file}: {difference.what}{size}")
    files = len({difference.file for difference in differences})
    print(f"{both} tables and stores in both folders, {files} files differ")
    return int(bool(differences))


if __name__ == "__main__":
    sys.exit(main())
