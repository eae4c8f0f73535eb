"""The one table of what can be done in a chat.

Slash commands, their completion, the palette, the keys of the chat screen, F1 and the README's tables are all made from
it; tests hold that each row is obeyed by the app, and by the plain prompt where it says so.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Command:
    """One thing that can be done. Typed as ``/name argument``."""

    name: str
    does: str
    """One line, for the completion, the palette, F1 and the README."""
    argument: str = ""
    """What may follow, in capitals; in brackets when it may be left out."""
    keys: str = ""
    """Textual's names of the keys, comma separated; empty: none."""
    label: str = ""
    """In a few words, where ``does`` is too long."""
    footer: bool = False
    """The footer shows it."""
    priority: bool = False
    """The keys work before the prompt's own."""
    anywhere: bool = False
    """The keys work on every screen, by the app's action of the same name."""
    aliases: tuple[str, ...] = ()
    plain: bool = True
    """The plain prompt has it too."""

    @property
    def usage(self) -> str:
        """``/pin MEMORY``."""
        return f"/{self.name} {self.argument}".rstrip()

    @property
    def short(self) -> str:
        """For a footer or a table of keys."""
        return self.label or self.does[:1].upper() + self.does[1:]

    @property
    def needs_argument(self) -> bool:
        return bool(self.argument) and not self.argument.startswith("[")


GROUPS: dict[str, tuple[Command, ...]] = {
    "Conversation": (
        Command("new", "begin an empty conversation; memories come along", keys="ctrl+n", label="New", footer=True),
        Command(
            "resume", "go on with another conversation", "[ID or WORDS]",
            keys="ctrl+r,f3", label="Resume", footer=True, aliases=("conversations",),
        ),
        Command(
            "stop", "stop the reply; what was said of it is kept",
            keys="escape", label="Stop", footer=True, plain=False,
        ),
        Command("takeback", "take back the last message that waits for its turn", plain=False),
        Command("regenerate", "answer the last words again", keys="f6", priority=True, aliases=("retry", "again")),
        Command("rewrite", "say your last words in other words, in their place", "[WORDS]", keys="f7", priority=True),
        Command("title", "name this conversation", "TITLE", aliases=("rename",)),
        Command("export", "write this conversation to a file: .md or .json", "[FILE]"),
        Command("branch", "go on from here, or from a turn, in a conversation of its own", "[TURN]", aliases=("fork",)),
        Command(
            "incognito", "remember nothing of a conversation of its own", "[on | off]", keys="f10", label="Incognito",
        ),
        Command("recall", "whether anything is recalled here", "[on | off]"),
        Command("as-of", "recall as on that day: 2026-05-01, or now", "DATE", aliases=("asof",)),
    ),
    "Memory": (
        Command("remember", "write a memory down", "WORDS", aliases=("note",)),
        Command("attach", "remember a file: text, Markdown, PDF or a picture", "FILE [WORDS]"),
        Command(
            "search", "search, read and correct memories", "[WORDS]",
            keys="ctrl+o,f2", label="Memories", footer=True, aliases=("memories",),
        ),
        Command("why", "what was recalled for the last reply", "[REPLY]"),
        Command("pin", "keep a memory before the model, always", "MEMORY"),
        Command("unpin", "no longer keep it there", "MEMORY"),
        Command("forget", "hide a memory and never recall it", "MEMORY"),
        Command("restore", "bring a forgotten memory back", "MEMORY"),
        Command("edit", "correct a memory; its earlier wordings are kept", "MEMORY [NEW WORDS]"),
        Command("helpful", "say that a memory helped this reply", "MEMORY"),
        Command("wrong", "say that a memory did not belong there", "MEMORY"),
        Command("without", "see the reply without a memory, beside the one with it", "MEMORY"),
        Command("undo", "take the last change of the memory back", "[HOW MANY]"),
        Command(
            "conflicts", "what contradicts an earlier memory, and which holds", "[ID newer | both | dismiss]",
            aliases=("contradictions",),
        ),
        Command(
            "timeline", "what was said when, and what a prune would take",
            keys="f8", label="Timeline", anywhere=True, plain=False,
        ),
    ),
    "Model and screen": (
        Command("model", "choose the model that replies", "[NAME]", keys="ctrl+l,f5", aliases=("models",)),
        Command(
            "recalled", "show or hide what was recalled",
            keys="ctrl+t", label="Recalled", footer=True, plain=False,
        ),
        Command(
            "copy", "copy the last reply, its code, or all", "[code | all]",
            keys="ctrl+y", priority=True, plain=False,
        ),
        Command("editor", "write in $EDITOR", keys="ctrl+g"),
        Command("history", "find something you said before", "[WORDS]", keys="ctrl+f", priority=True),
        Command("light", "light or dark", keys="f4", anywhere=True, plain=False),
        Command("log", "what went wrong, and when", keys="f9", label="The log", anywhere=True, plain=False),
        Command(
            "lock", "close an encrypted memory, and ask for its passphrase again",
            keys="f12", label="Lock", anywhere=True, plain=False,
        ),
        Command("theme", "choose among all themes", "[NAME]", plain=False),
        Command("mneme", "any command of the command line: /mneme memory stats", "COMMAND"),
        Command("help", "what can be done here", keys="f1", label="Help", footer=True, anywhere=True),
        Command("quit", "leave; the conversation can be resumed", keys="ctrl+q", anywhere=True, aliases=("exit",)),
    ),
}  # fmt: skip

COMMANDS: tuple[Command, ...] = tuple(command for group in GROUPS.values() for command in group)
BY_NAME: dict[str, Command] = {name: one for one in COMMANDS for name in (one.name, *one.aliases)}
