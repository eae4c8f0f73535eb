"""Write the README's tables of commands and keys from the program's own table and bindings.

.venv/bin/python scripts/readme_tables.py           writes them
.venv/bin/python scripts/readme_tables.py --check   exit code 1 when they are not what they would be
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path

from tui.keys.table import key_groups, spoken
from tui.slash.table import GROUPS, Command

README = Path(__file__).resolve().parents[1] / "README.md"
PLACES = ("Writing", "On a turn", "On something recalled")
"""Groups of keys that belong to no command; those of the other screens are in F1."""


def commands() -> Iterator[str]:
    yield "| command | key | does |"
    yield "|---|---|---|"
    for group in GROUPS.values():
        for command in group:
            yield f"| `{_usage(command)}` | {' or '.join(spoken(command.keys).split())} | {command.does} |"


def _usage(command: Command) -> str:
    return command.usage.replace("|", "\\|")


def keys() -> Iterator[str]:
    yield "| where | key | does |"
    yield "|---|---|---|"
    for group in key_groups():
        if group.where in PLACES:
            for row in group.rows:
                yield f"| {group.where.lower()} | {' or '.join(row.keys.split())} | {row.does} |"


def rewritten(text: str) -> str:
    """``text`` with each table between its marks made anew."""
    for name, rows in (("commands", commands()), ("keys", keys())):
        mark = rf"(<!-- {name} -->\n).*?(\n<!-- end of {name} -->)"
        body = "\n".join(rows)
        text, found = re.subn(mark, lambda match, body=body: match[1] + body + match[2], text, flags=re.DOTALL)
        if found != 1:
            sys.exit(f"the README has no place for the table of {name}")
    return text


def main() -> None:
    before = README.read_text("utf-8")
    after = rewritten(before)
    if "--check" in sys.argv[1:]:
        sys.exit(0 if before == after else "the README's tables are old: run scripts/readme_tables.py")
    README.write_text(after, "utf-8")


if __name__ == "__main__":
    main()
