"""Labels for ids, both ways: what leaves the replay bears the script's names."""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from agent.replay.events import CameBack, Checked, Searched, Shown, Spoken
from agent.replay.expectations import Verdict
from agent.replay.script import Step
from agent.replay.vocabulary import Search
from memory_store.errors import UnknownId
from memory_store.ids import LENGTH
from memory_store.records import Recollections, Turn

_ID = re.compile(rf"\b[0-9a-z]{{{LENGTH}}}\b")
_DIGITS = 4
"""Scores are rounded to so many digits: the last bits of a float differ between processors."""


class Names:
    """Which id each label stands for, and which conversation has which title."""

    def __init__(self) -> None:
        self._ids: dict[str, str] = {}
        self._labels: dict[str, str] = {}
        self._titles: dict[str, str] = {}

    def learn(self, label: str, turn: Turn) -> None:
        """From here on, ``label`` is this turn."""
        self._ids[label] = turn.id
        self._labels.setdefault(turn.id, label)

    def learn_conversation(self, id: str, title: str) -> None:
        self._titles[id] = title

    def id(self, label: str) -> str:
        """The id behind a label. Raises UnknownId when an earlier step failed to say it."""
        if label not in self._ids:
            raise UnknownId(f"'{label}' was never said, because an earlier step could not be done.")
        return self._ids[label]

    def label(self, id: str) -> str:
        """The label of an id; the id itself for what the script did not say."""
        return self._labels.get(id, id)

    def title(self, conversation: str | None) -> str | None:
        return None if conversation is None else self._titles.get(conversation, conversation)

    def relabelled(self, text: str) -> str:
        """``text`` (an error, a reason) with labels in place of ids."""
        return _ID.sub(lambda match: self.label(match[0]), text)

    def spoken(self, step: Step, turn: Turn) -> Spoken:
        """A turn that is kept, learnt under the step's label."""
        self.learn(step.label, turn)
        where = self.title(turn.conversation_id)
        return Spoken(*when(step), id=step.label, conversation=where, speaker=turn.speaker, text=turn.text)

    def came_back(self, step: Step, query: str, hits: Recollections, in_prompt: Set[str]) -> CameBack:
        """What was recalled, under its labels."""
        shown = tuple(
            Shown(
                id=self.label(hit.memory.id),
                conversation=self.title(hit.memory.conversation_id),
                speaker=hit.memory.speaker,
                text=hit.memory.text,
                said_at=hit.memory.said_at.isoformat(),
                score=round(hit.score, _DIGITS),
                reasons={name: round(part, _DIGITS) for name, part in hit.reasons.items()},
                in_prompt=hit.memory.id in in_prompt,
            )
            for hit in hits
        )
        kind = Searched if isinstance(step.action, Search) else CameBack
        return kind(*when(step), query, shown, hits.found, round(hits.confidence, _DIGITS))


def when(step: Step) -> tuple[int, int, str]:
    """Step, line and instant: how every event begins."""
    return step.number, step.line, step.at.isoformat()


def checked(step: Step, verdicts: Iterator[Verdict]) -> Iterator[Checked]:
    """Verdicts as events, each on its own line of the script."""
    for verdict in verdicts:
        line = step.line_of(*verdict.place)
        yield Checked(step.number, line, step.at.isoformat(), verdict.expectation, verdict.holds, verdict.detail)
