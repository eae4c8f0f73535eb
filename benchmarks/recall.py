"""Recall on labelled data, from a checkout: the same as `mneme bench recall`, with the same arguments.

python benchmarks/recall.py locomo10.json --budget
"""

from __future__ import annotations

import sys

from tui import cli

if __name__ == "__main__":
    sys.argv[1:1] = ["bench", "recall"]
    cli.main()
