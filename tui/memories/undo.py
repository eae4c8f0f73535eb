"""Changes of the memory as the app makes them: what is done, and what is said about it. All can be taken back."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from memory_store.records import ConflictChain, ConflictState, Conversation, PrunePolicy, Signal, Turn
from tui.text.wording import count, deed

if TYPE_CHECKING:
    from memory_store import MemoryStore
    from memory_store.episodic.screening import SecretsAnswer


@dataclass(frozen=True, slots=True)
class Done:
    """What a change came to."""

    said: str
    changed: tuple[Turn | Conversation, ...] = ()
    turns: bool = False
    """Other turns stand in a conversation than before: the transcript has to be shown anew."""
    anew: bool = False
    """Lists may have other rows than before."""
    hides: bool = False
    """Something is out of sight now: how that is taken back is to be said."""

    def told(self, undo: str) -> str:
        """What to tell the user; ``undo``: what they would type or press here to take it back."""
        return f"{self.said} {undo} takes it back." if self.hides else self.said


Change = Callable[["MemoryStore"], Done]


def none(_: MemoryStore) -> Done:
    """No change: only to learn whether there is something to take back."""
    return Done("")


def settled(change: Change, answer: SecretsAnswer) -> Change:
    """The same, with secrets in its words left out, or kept: somebody was asked."""

    def do(store: MemoryStore) -> Done:
        with store.secrets_settled(answer):
            return change(store)

    return do


def pin(memory: Turn) -> Change:
    """Pin, or unpin what is pinned."""
    key = memory.id
    if memory.pinned:
        return lambda store: Done("No longer pinned.", (store.unpin(key),))
    return lambda store: Done("Pinned: always in the prompt from now on.", (store.pin(key),))


def forget(memory: Turn) -> Change:
    said = "Forgotten: hidden, and never recalled."
    return lambda store: Done(said, (store.forget(memory.id),), hides=True)


def restore(memory: Turn) -> Change:
    return lambda store: Done("Restored.", (store.restore(memory.id),))


def to_all(memories: Sequence[Turn], act: str) -> Change:
    """Pin (unpin, where all are), forget or restore several; taken back together. What is so already is left alone."""
    if act == "pin" and all(memory.pinned for memory in memories):
        act = "unpin"
    meant = [memory for memory in memories if not _is_so(memory, act)]

    def do(store: MemoryStore) -> Done:
        change = {"pin": store.pin, "unpin": store.unpin, "forget": store.forget, "restore": store.restore}[act]
        with store.as_one_act():
            changed = tuple(change(memory.id) for memory in meant)
        done = {"pin": "pinned", "unpin": "no longer pinned", "forget": "forgotten", "restore": "restored"}[act]
        return Done(f"{count(len(changed), 'memory', 'memories')} {done}.", changed, hides=True)

    return do


def _is_so(memory: Turn, act: str) -> bool:
    pinned, forgotten = memory.pinned, memory.forgotten
    return {"pin": pinned, "unpin": not pinned, "forget": forgotten, "restore": not forgotten}[act]


def edit(memory: Turn, text: str) -> Change:
    said = "Changed. The earlier wording is kept in its history."
    return lambda store: Done(said, (store.edit(memory.id, text),))


def remember(words: str) -> Change:
    """Write a note."""
    return lambda store: Done("Remembered.", (store.remember(words),))


def judge(memory: Turn, reply: str, signal: Signal) -> Change:
    """Mark a memory in a reply as helpful or wrong; what is marked so already, no longer."""

    def mark(store: MemoryStore) -> Done:
        known = {given.memory_id: given.signal for given in store.feedback_given(reply)}
        wanted = None if known.get(memory.id) == signal else signal
        store.feedback(reply, memory.id, wanted)
        return Done(f"Marked as {wanted} here." if wanted else "No longer marked.", (memory,))

    return mark


def decide(chain: ConflictChain, state: ConflictState) -> Change:
    """Say which of the memories that contradict each other holds."""
    several = len(chain.statements) > 2
    said = {
        "newer": f"The newest holds; {'the others are' if several else 'the other is'} shown as earlier.",
        "both": "All of them hold." if several else "Both hold.",
        "dismissed": "Dismissed: no contradiction.",
        "open": "To be decided again.",
    }[state]

    def rule(store: MemoryStore) -> Done:
        store.resolve_chain(chain.id, state)
        return Done(said, hides=True)

    return rule


def rename(conversation: Conversation, title: str) -> Change:
    return lambda store: Done("Renamed.", (store.rename_conversation(conversation.id, title),))


def delete(conversation: Conversation) -> Change:
    said = "Deleted, its turns forgotten."
    return lambda store: Done(said, (store.delete_conversation(conversation.id),), hides=True)


def archive(conversation: Conversation) -> Change:
    """Archive, or put back what is archived."""
    key = conversation.id
    if conversation.archived:
        return lambda store: Done("In the list again.", (store.unarchive_conversation(key),))
    said = "Archived: out of the list, recalled as before."
    return lambda store: Done(said, (store.archive_conversation(key),), hides=True)


def undelete(conversation: Conversation) -> Change:
    return lambda store: Done("Restored, with its turns.", (store.restore_conversation(conversation.id),))


def prune(weaker_than: float) -> Change:
    """Forget what is weaker, pinned memories apart."""

    def do(store: MemoryStore) -> Done:
        receipt = store.apply(store.plan_prune(PrunePolicy(weaker_than=weaker_than)))
        said = f"{count(len(receipt.forgotten), 'memory', 'memories')} forgotten."
        return Done(said, tuple(store.get(memory) for memory in receipt.forgotten[:1]), hides=True)

    return do


def take_back(store: MemoryStore, many: int = 1) -> Done:
    """Take the last things back that were done in the app, in this sitting or an earlier one."""
    taken = store.undo(many, actor=store.actor)
    if not taken:
        return Done("Nothing to take back.")
    gone = sum(back.gone for back in taken)
    purged = f" {count(gone, 'memory', 'memories')} of it purged since." if gone else ""
    said = "; ".join(deed(back.act) for back in taken)
    changed: list[Turn | Conversation] = []
    for back in taken:
        changed += [*back.memories, *back.conversations]
    turns = any(back.act.kind == "discard" for back in taken)
    return Done(f"Taken back: {said}.{purged}", tuple(changed), turns=turns, anew=True)
