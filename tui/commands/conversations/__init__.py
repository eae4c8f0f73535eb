"""``mneme conversations``: the threads that turns belong to."""

from __future__ import annotations

from tui.process.lazy import Entry, group

HERE = "tui.commands.conversations"

COMMANDS = {
    "list": Entry(f"{HERE}.reading:list_conversations", "List conversations, newest first."),
    "show": Entry(f"{HERE}.reading:show_conversation", "Print a conversation, turn by turn."),
    "export": Entry(f"{HERE}.reading:export", "Write a conversation as Markdown or JSON."),
    "rename": Entry(f"{HERE}.changing:rename", "Give a conversation another title."),
    "branch": Entry(f"{HERE}.changing:branch", "Begin a conversation with what was said up to a turn."),
    "archive": Entry(f"{HERE}.changing:archive", "Take a conversation out of the list; it is recalled as before."),
    "unarchive": Entry(f"{HERE}.changing:unarchive", "Put an archived conversation back into the list."),
    "delete": Entry(f"{HERE}.changing:delete", "Forget a conversation and everything said in it."),
    "restore": Entry(f"{HERE}.changing:restore", "Bring a deleted conversation back."),
}

app = group(COMMANDS, "List, read, export, rename, branch and delete conversations.")
