"""What looks like a key, a token or a card number is offered to be left out, before it is written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from memory_store.errors import InvalidInput
from tui.commands.progress import aside
from tui.text import show

if TYPE_CHECKING:
    from agent.settings import Settings
    from memory_store.episodic.screening import SecretsAnswer
    from memory_store.interchange.importing import FoundSecrets


def screened(settings: Settings, words: str) -> str:
    """``words`` as they are to be remembered, by the policy ``privacy.secrets``; whoever sits at the terminal is asked.

    What it returns is settled: write it inside ``store.secrets_settled("keep")``. Raises InvalidInput where they would
    rather not say it.
    """
    from memory_store.language import secrets

    policy = settings.privacy.secrets
    found = [] if policy == "keep" else secrets.find(words)
    if not found:
        return words
    what = secrets.kinds(found)
    if policy == "redact":
        show.say(f"Left out of what is remembered: {what}.")
        return secrets.redacted(words, found)
    return (
        secrets.redacted(words, found)
        if settled(f"This holds what looks like a secret ({what}).") == "redact"
        else words
    )


def settled_import(found: FoundSecrets) -> SecretsAnswer:
    """What becomes of the secrets in a file; whoever sits at the terminal is asked. Raises InvalidInput."""
    many = show.count(found.turns, "memory", "memories")
    return settled(f"What looks like a secret stands in {many} of this file ({found.kinds}).")


def settled(what: str) -> SecretsAnswer:
    """Ask what is to become of it; where nobody can be asked it is kept, and that is said. Raises InvalidInput."""
    answer = _asked(what)
    if answer == "n":
        raise InvalidInput("Nothing was written.")
    if answer == "":
        show.say(
            f'{what} Kept: nobody could be asked. Set privacy.secrets to "redact" or "keep" to say what should happen;'
            " `mneme memory purge` erases it."
        )
    return "redact" if answer == "y" else "keep"


def _asked(what: str) -> str:
    """``y``: leave it out, ``k``: keep it, ``n``: write nothing at all; empty: there is nobody to ask."""
    from tui.commands.passphrases import at_a_terminal

    if not at_a_terminal():
        return ""
    question = f"{what} Leave it out? [y]es, [k]eep it, [n]othing is written at all: "
    terminal = Path("/dev/tty")
    try:
        # Twice: a terminal cannot be sought in, so it cannot be opened for both.
        with (
            aside(),
            terminal.open(encoding="utf-8", errors="replace") as typed,
            terminal.open("w", encoding="utf-8") as shown,
        ):
            while True:
                shown.write(question)
                shown.flush()
                given = typed.readline()
                answer = given.strip().lower()[:1] or "y"
                if not given or answer in {"y", "k", "n"}:
                    return answer if given else "n"
    except OSError:
        return ""
