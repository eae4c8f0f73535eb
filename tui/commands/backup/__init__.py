"""``mneme backup``: the whole memory in one file, and back again."""

from __future__ import annotations

from tui.process.lazy import Entry, group

HERE = "tui.commands.backup"

COMMANDS = {
    "create": Entry(f"{HERE}.making:create", "Keep a verified copy of the whole memory in one file."),
    "list": Entry(f"{HERE}.looking:list_backups", "List the backups of a profile, newest first."),
    "verify": Entry(f"{HERE}.looking:verify", "Take a backup out beside the memory and look at all of it."),
    "restore": Entry(f"{HERE}.restoring:restore", "Make the memory what it was when a backup was made."),
}

app = group(COMMANDS, "Keep the whole memory in one file, and bring it back.")
