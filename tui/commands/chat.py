"""``mneme chat``: the terminal app."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import typer

from memory_store.errors import MnemeError
from tui import show
from tui.commands.opening import open_settings
from tui.commands.options import AsOf, Home, Profile

if TYPE_CHECKING:
    from agent.settings import Settings
    from tui.session import Opening

NEEDS_A_TERMINAL = (
    'the app needs a terminal to draw on. In a pipe or a script use `mneme ask "..."` or `mneme replay SCRIPT`.'
)


def chat(
    conversation: Annotated[
        str | None, typer.Option("--conversation", "-c", metavar="ID", help="Resume this conversation.")
    ] = None,
    latest: Annotated[bool, typer.Option("--continue", help="Resume the latest conversation.")] = False,
    model: Annotated[
        str | None, typer.Option("--model", metavar="NAME", help="The language model, for this sitting.")
    ] = None,
    as_of: AsOf = None,
    home: Home = None,
    profile: Profile = None,
) -> None:
    """Talk, in the terminal app. `mneme` alone does the same.

    \b
    mneme chat                          begin a conversation; memories come along
    mneme chat --continue               go on where you stopped
    mneme chat --conversation 3fa2      go on with that one
    mneme chat --model ./my-model       with a language model from a folder
    """
    if not (sys.stdin.isatty() and sys.stderr.isatty() and sys.stdout.isatty()):
        raise MnemeError(NEEDS_A_TERMINAL)
    settings = open_settings(home, profile, model__name=model)
    from tui.commands.passphrases import unlocked, unlocked_again
    from tui.session import Opening

    unlocked(settings)
    sitting = _sit(settings, Opening(conversation, latest), as_of, greet=True)
    while sitting.locked is not None:
        show.say("Locked. Ctrl+C ends it; what was said is kept.")
        unlocked_again(settings)
        sitting = _sit(sitting.settings, Opening(sitting.conversation, draft=sitting.locked), as_of)
    if sitting.conversation is not None:
        show.say(f"Resume with: mneme chat --conversation {sitting.conversation}")


@dataclass(frozen=True, slots=True)
class _Sitting:
    """How the app ended."""

    settings: Settings
    """With the model that was chosen last."""
    conversation: str | None
    locked: str | None
    """The draft, when it was locked; None when it was left."""


def _sit(settings: Settings, opening: Opening, as_of: datetime | None, *, greet: bool = False) -> _Sitting:
    """Run the app. Nothing of what it held is referred to any more afterwards. Raises MnemeError."""
    from tui.app import MnemeApp
    from tui.session import Session
    from tui.stderr_guard import stderr_to

    app = MnemeApp(Session(settings, as_of=as_of), opening, greet=greet)
    with stderr_to(settings.paths.log_file):
        problem = app.run()
    if problem is not None:
        raise MnemeError(problem)
    if app.return_code:
        raise MnemeError(f"the app stopped. What was said is kept. The details are in {settings.paths.log_file}.")
    return _Sitting(app.session.settings, app.session.conversation_id, app.draft)
