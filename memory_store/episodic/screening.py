"""What becomes of keys, tokens and card numbers in words on their way in. Every door that writes words asks here.

A store that is opened for ``ask`` writes no word with a secret in it before its owner has said what is to become of it:
it raises :class:`SecretInWords`, the front end asks, and does the same again inside :meth:`Screening.settled`. So a
front end that forgets to ask writes nothing, rather than a secret.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import replace
from typing import Literal

from memory_store.errors import SecretInWords
from memory_store.language.secrets import find, kinds, redacted
from memory_store.records import NewTurn

SecretsPolicy = Literal["ask", "redact", "keep"]
SecretsAnswer = Literal["redact", "keep"]

_answer: ContextVar[SecretsAnswer | None] = ContextVar("mneme_secrets_answer", default=None)


class Screening:
    """``redact``: secrets are left out; ``keep``: they are not looked for; ``ask``: see the module."""

    def __init__(self, policy: SecretsPolicy) -> None:
        self.policy = policy

    @contextmanager
    def settled(self, answer: SecretsAnswer | None) -> Iterator[None]:
        """What this thread writes inside has been asked about: ``answer`` holds, unless the policy redacts anyway.
        None: as it was outside."""
        before = _answer.set(answer or _answer.get())
        try:
            yield
        finally:
            _answer.reset(before)

    @property
    def unsettled(self) -> bool:
        """Whether a secret would be refused here and now."""
        return self.policy == "ask" and _answer.get() is None

    def words(self, text: str) -> str:
        """``text`` as it may be written. Raises SecretInWords."""
        redacts = "redact" in (self.policy, _answer.get())
        if not (redacts or self.unsettled):
            return text
        found = find(text)
        if not found:
            return text
        if not redacts:
            raise SecretInWords(kinds(found))
        return redacted(text, found)

    def turn(self, turn: NewTurn) -> NewTurn:
        """The same for all wordings of a turn. Raises SecretInWords."""
        text = self.words(turn.text)
        earlier = tuple(replace(one, text=self.words(one.text)) for one in turn.revisions)
        return turn if text == turn.text and earlier == turn.revisions else replace(turn, text=text, revisions=earlier)
