"""Playing a script: each step against the real store and the real model, and what came of it as events.

Deterministic by construction: the clock and the ids are the script's, and all that was said is embedded before anything
is recalled, so that nothing depends on how fast a background thread was.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace

from agent import events as talk
from agent.dialogue import Dialogue
from agent.replay import commands, expectations
from agent.replay.events import CameBack, InConversation, LeftOut, ReplayEvent, Replied, Run, TimePassed, WentWrong
from agent.replay.naming import Names, checked, when
from agent.replay.script import FIRST_CONVERSATION, Script, Step, reply_label
from agent.replay.stage import Stage
from agent.replay.vocabulary import Converse, Hear, Note, Prune, Say, Search
from memory_store.errors import MnemeError

_INDEX_EVERY = 10
"""Steps. Small batches are always embedded by the same code, whatever was played before; see memory_store/embedding."""


def run(script: Script, stage: Stage, *, progress: Callable[[int, int], None] | None = None) -> Run:
    """Play the whole script. ``progress`` is called with (steps done, steps) after each step."""
    result = Run(script.source, script.title, stage.model.name, stage.memory, stage.seed)
    player = Player(stage)
    for done, step in enumerate(script.steps, start=1):
        result.events.extend(player.play(step))
        if progress is not None:
            progress(done, len(script.steps))
    return result


class Player:
    """Plays steps in order, and holds the conversations that were begun."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._names = Names()
        self._dialogues: dict[str, Dialogue] = {}
        self._conversation = ""

    def play(self, step: Step) -> Iterator[ReplayEvent]:
        """Do one step. What the store or the model cannot do is an event, and the next step can be played."""
        if step.number == 1 or step.at != self._stage.clock():
            self._stage.clock.set(step.at)
            yield TimePassed(*when(step), passed=step.action.after.text if step.action.after else "")
        try:
            yield from self._act(step)
        except MnemeError as error:
            yield WentWrong(*when(step), message=self._names.relabelled(str(error)))
        if step.number % _INDEX_EVERY == 0:
            self._index()

    def _index(self) -> None:
        """Embed what was said. Without memory nobody will ask for it."""
        if self._stage.memory:
            self._stage.store.embed_now()

    def _act(self, step: Step) -> Iterator[ReplayEvent]:
        match step.action:
            case Say() as action:
                yield from self._say(step, action)
            case Hear() as action:
                yield from self._enter(step, self._conversation or FIRST_CONVERSATION)
                turn = self._dialogues[self._conversation].hear(action.hear, speaker=action.speaker)
                yield self._names.spoken(step, turn)
            case Note() as action:
                yield self._names.spoken(step, self._stage.store.remember(action.note))
            case Converse() as action:
                yield from self._enter(step, action.conversation)
            case Search() as action:
                yield from commands.search(self._stage, self._names, step, action)
            case Prune() as action:
                yield from commands.prune(self._stage, self._names, step, action)
            case _:
                yield from commands.change(self._stage, self._names, step)

    def _say(self, step: Step, action: Say) -> Iterator[ReplayEvent]:
        yield from self._enter(step, self._conversation or FIRST_CONVERSATION)
        self._index()
        seen: CameBack | None = None
        reply: str | None = None
        for event in self._dialogues[self._conversation].reply(action.say, speaker=action.speaker):
            for told in self._told(step, action, event):
                yield told
                seen = told if isinstance(told, CameBack) else seen
                reply = told.text if isinstance(told, Replied) else reply
        if action.expect is not None:
            yield from checked(step, expectations.judge_turn(action.expect, seen, reply))

    def _told(self, step: Step, action: Say, event: talk.Event) -> Iterator[ReplayEvent]:
        """An event of the dialogue as an event of the replay. Tokens are told once, as the reply."""
        match event:
            case talk.Heard():
                yield self._names.spoken(step, event.turn)
            case talk.Recalled() if self._stage.memory:
                yield self._names.came_back(step, action.say, event.recollections, event.in_prompt)
            case talk.Omitted():
                yield LeftOut(*when(step), message=event.detail)
            case talk.Finished():
                yield self._replied(step, event)
            case talk.Failed():
                yield WentWrong(*when(step), message=self._names.relabelled(event.message))

    def _replied(self, step: Step, event: talk.Finished) -> Replied:
        name = reply_label(step.label)
        if event.reply is not None:
            self._names.learn(name, event.reply)
        used = event.usage
        cites = {str(one.number): self._names.label(one.memory.id) for one in event.citations}
        return Replied(*when(step), name, event.text, event.reason, used.prompt_tokens, used.reply_tokens, cites)

    def _enter(self, step: Step, name: str) -> Iterator[ReplayEvent]:
        """Go into a conversation, and say so, unless it is the one that goes on."""
        if name == self._conversation:
            return
        back = name in self._dialogues
        if not back:
            begun = self._stage.store.begin_conversation(title=name)
            self._names.learn_conversation(begun.id, name)
            self._dialogues[name] = self._dialogue(begun.id)
        self._conversation = name
        yield InConversation(*when(step), conversation=name, back=back)

    def _dialogue(self, conversation: str) -> Dialogue:
        stage = self._stage
        sampling = replace(stage.settings.model.sampling(), seed=stage.seed)
        return Dialogue(
            stage.store,
            stage.model,
            settings=stage.settings,
            conversation=conversation,
            memory=stage.memory,
            sampling=sampling,
        )
