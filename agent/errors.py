"""What can go wrong on the agent's floor. Every message is one line that says what to do next.

MnemeError
├── SettingsError     the configuration file, the environment or a flag holds something that cannot be used
├── ModelError        the language model is missing, broken, too small or out of memory
│   └── Unreachable   its server does not answer; it may later
└── ScriptError       a replay script cannot be read
"""

from __future__ import annotations

from memory_store.errors import MnemeError


class SettingsError(MnemeError):
    """The configuration file, the environment or a flag holds something that cannot be used."""


class ModelError(MnemeError):
    """The language model is missing, broken, too small for the prompt or out of memory."""


class Unreachable(ModelError):
    """Nobody answers where the model's server should be. Trying again later may help."""


class ScriptError(MnemeError):
    """A replay script cannot be read. ``line`` counts from 1; None when the fault has no single line."""

    def __init__(self, source: str, line: int | None, problem: str) -> None:
        self.source, self.line, self.problem = source, line, problem
        place = f"{source}, line {line}" if line is not None else source
        super().__init__(f"{place}: {problem}")


def one_line(error: BaseException | str, limit: int = 300) -> str:
    """The first telling line of an error of somebody else's, fit to end a sentence of ours."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = lines[0] if lines else type(error).__name__
    text = "".join(c if c.isprintable() else " " for c in text)
    return text.rstrip(".") if len(text) <= limit else text[: limit - 1] + "…"
