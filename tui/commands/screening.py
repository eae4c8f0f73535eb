"""What looks like a key, a token or a card number is offered to be left out, before it is written."""

from __future__ import annotations

from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput
from tui import show

if TYPE_CHECKING:
    from agent.settings import Settings


def screened(settings: Settings, words: str) -> str:
    """``words`` as they are to be remembered, by the policy ``privacy.secrets``; whoever sits at the terminal is asked.

    Raises InvalidInput where they would rather not say it.
    """
    from memory_store import secrets

    policy = settings.privacy.secrets
    found = [] if policy == "keep" else secrets.find(words)
    if not found:
        return words
    what = secrets.kinds(found)
    if policy == "redact":
        show.say(f"Left out of what is remembered: {what}.")
        return secrets.redacted(words, found)
    answer = _asked(what)
    if answer == "n":
        raise InvalidInput("Nothing was said.")
    if answer == "":
        show.say(
            f'Kept with what looks like a secret ({what}): set privacy.secrets to "redact" or "keep" to say what should'
            " happen; `mneme memory purge` erases it."
        )
    return secrets.redacted(words, found) if answer == "y" else words


def _asked(what: str) -> str:
    """``y``: leave it out, ``k``: keep it, ``n``: do not say it at all; empty: there is nobody to ask."""
    from tui.commands.passphrases import at_a_terminal

    if not at_a_terminal():
        return ""
    question = f"This holds what looks like a secret ({what}). Leave it out? [y]es, [k]eep it, [n]ot said at all: "
    try:
        with open("/dev/tty", "r+", buffering=1, encoding="utf-8", errors="replace") as terminal:  # noqa: PTH123
            while True:
                terminal.write(question)
                terminal.flush()
                given = terminal.readline()
                answer = given.strip().lower()[:1] or "y"
                if not given or answer in {"y", "k", "n"}:
                    return answer if given else "n"
    except OSError:
        return ""
