"""What ``mneme`` tells the shell. Scripts rely on these three."""

from __future__ import annotations

from typing import Final

OK: Final = 0
"""Done."""
FAILED: Final = 1
"""It ran, and the answer is no: an expectation failed, the stores are out of step, a trace is left."""
USAGE: Final = 2
"""It could not be done as asked. One line on standard error says why and what to do."""
INTERRUPTED: Final = 130
"""Ctrl+C, as shells report it."""
