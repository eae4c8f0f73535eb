"""``mneme chat``: the terminal app, or the same a line at a time."""

from __future__ import annotations

import gc
import os
import shlex
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from memory_store.errors import MnemeError
from tui.commands.opening import announced, open_settings
from tui.commands.options import AsOf, Home, Profile
from tui.text import show

if TYPE_CHECKING:
    from pathlib import Path

    from agent.settings import Settings
    from tui.talking.privacy import Privacy
    from tui.talking.session import Opening

NEEDS_A_TERMINAL = (
    "the app needs a terminal to draw on. A line at a time, also in a pipe: `mneme chat --plain`. One turn: "
    '`mneme ask "..."`. A script: `mneme replay SCRIPT`.'
)
DUMB = "this terminal says that it cannot be drawn on (TERM={}). A line at a time works: `mneme chat --plain`."


def chat(
    conversation: Annotated[
        str | None, typer.Option("--conversation", "-c", metavar="ID", help="Resume this conversation.")
    ] = None,
    latest: Annotated[bool, typer.Option("--continue", help="Resume the latest conversation.")] = False,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The language model, for this sitting.")
    ] = None,
    incognito: Annotated[bool, typer.Option("--incognito", help="Write nothing of it anywhere.")] = False,
    memory: Annotated[bool, typer.Option("--memory/--no-memory", help="Recall what was said before.")] = True,
    as_of: AsOf = None,
    plain: Annotated[
        bool, typer.Option("--plain", help="A line at a time: for screen readers, dumb terminals and pipes.")
    ] = False,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Talk, in the terminal app. `mneme` alone does the same.

    \b
    mneme chat                          begin a conversation; memories come along
    mneme chat --continue               go on where you stopped
    mneme chat --conversation 3fa2      go on with that one
    mneme chat --model ./my-model       with a language model from a folder
    mneme chat --incognito --no-memory  nothing is written, nothing is recalled
    mneme chat --plain                  a line at a time; nothing is drawn
    """
    if not plain:
        _drawable()
        gc.disable()  # until the first picture is there: Collector.begin
    settings = open_settings(home, profile, model__name=model)
    from agent.opening import secure
    from tui.commands.passphrases import unlocked, unlocked_again
    from tui.talking.privacy import Privacy
    from tui.talking.session import Opening

    announced(settings)
    settings.paths.create()
    secure(settings, show.say)
    unlocked(settings)
    privacy = Privacy(remember=not incognito, recall=memory)
    if plain:
        talked = _talk(settings, Opening(conversation, latest), as_of, privacy)
        _how_to_resume(settings, home, "chat --plain", talked)
        return
    sitting = _sit(settings, Opening(conversation, latest), as_of, privacy, greet=True)
    while sitting.locked is not None:
        show.say("Locked. Ctrl+C ends it; what was said is kept.")
        unlocked_again(settings)
        sitting = _sit(sitting.settings, Opening(sitting.conversation, draft=sitting.locked), as_of, sitting.privacy)
    _how_to_resume(settings, home, "chat", sitting.conversation)


def _how_to_resume(settings: Settings, home: Path | None, chat: str, conversation: str | None) -> None:
    """The whole command: what was chosen by flags has to be chosen again."""
    if conversation is None:
        return
    flags = f" --home {shlex.quote(str(home))}" if home is not None else ""
    if settings.origin("profile") == "flag":
        flags += f" --profile {settings.profile}"
    show.say(f"Resume with: mneme{flags} {chat} --conversation {conversation}")


def _drawable() -> None:
    """Raises MnemeError where the app cannot be drawn."""
    if not (sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()):
        raise MnemeError(NEEDS_A_TERMINAL)
    if os.environ.get("TERM", "") in ("dumb", "unknown"):
        raise MnemeError(DUMB.format(os.environ["TERM"]))


def _talk(settings: Settings, opening: Opening, as_of: datetime | None, privacy: Privacy) -> str | None:
    """Run the plain chat; the conversation it ended in. Raises MnemeError."""
    from tui.plain.chat import PlainChat
    from tui.plain.lines import Lines
    from tui.process.stderr_guard import stderr_to
    from tui.talking.session import Session
    from tui.text.names import names

    session = Session(settings, as_of=as_of, privacy=privacy)
    with stderr_to(settings.paths.log_file):
        try:
            PlainChat(session, Lines(), name_of=names(settings.chat.user_name)).run(opening)
        finally:
            session.close()
    return session.conversation_id


@dataclass(frozen=True, slots=True)
class _Sitting:
    """How the app ended."""

    settings: Settings
    """With the model that was chosen last."""
    conversation: str | None
    privacy: Privacy
    locked: str | None
    """The draft, when it was locked; None when it was left."""


def _sit(
    settings: Settings, opening: Opening, as_of: datetime | None, privacy: Privacy, *, greet: bool = False
) -> _Sitting:
    """Run the app. Nothing of what it held is referred to any more afterwards. Raises MnemeError."""
    from tui.app import MnemeApp
    from tui.process.stderr_guard import stderr_to
    from tui.talking.session import Session

    app = MnemeApp(Session(settings, as_of=as_of, privacy=privacy), opening, greet=greet)
    with stderr_to(settings.paths.log_file):
        problem = app.run()
    if problem is not None:
        raise MnemeError(problem)
    if app.return_code:
        raise MnemeError(f"the app stopped. What was said is kept. The details are in {settings.paths.log_file}.")
    return _Sitting(app.session.settings, app.session.conversation_id, app.session.privacy, app.draft)
