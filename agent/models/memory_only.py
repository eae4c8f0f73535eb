"""No language model at all: answers with the best matching memories, quoted and dated, or says that it has nothing.

The default where no model is installed, and what makes tests deterministic: the same prompt gets the same reply, byte
for byte. It invents nothing and says plainly what it is.
"""

from __future__ import annotations

import math
import re
import threading
from collections.abc import Generator, Iterator

from agent.models.base import Generated, Message, Prompt, Sampling
from agent.models.questions import is_only_a_question, is_question
from agent.quoting import CUT_MARK, earlier, quoted, speaker_name, utc_date
from memory_store.records import Recollection, Turn

NAME = "memory_only"
MOST_QUOTED = 3
WORTH_QUOTING = 0.55
"""Of the best memory's score: what is left below that is there for a model to weigh, not to be quoted as an answer."""
LONGEST_QUOTE = 400
"""Characters of one memory in a reply."""

FOUND = "This is what I remember about that:"
_NOTHING_BEGINS = (
    "I have nothing on that in memory. I am memory_only, not a language model: I only quote what was said to me. "
)
"""Of every such reply, those of earlier versions included: they are in memories still."""
NOTHING = (
    f"{_NOTHING_BEGINS}"
    "To talk with a model: `mneme models list` shows those that are here, `mneme models use NAME` takes one."
)
NOTED = "Noted."
RELATED = "Noted. It goes with this:"
_PIECE = re.compile(r"\s*\S+\s*$|\s*\S+")


class MemoryOnly:
    """The LanguageModel that is none."""

    name = NAME
    context_size = 16384
    """Bounds what is recalled for it; nothing else here costs by the token."""

    def count(self, text: str) -> int:
        """An estimate: a quarter of the UTF-8 bytes. English has about four letters to a token, CJK about one."""
        return math.ceil(len(text.encode("utf-8", "surrogatepass")) / 4)

    def count_prompt(self, messages: tuple[Message, ...]) -> int:
        """As :meth:`count`, and four for each message's frame."""
        return sum(self.count(message.content) + 4 for message in messages)

    def stream(self, prompt: Prompt, sampling: Sampling, cancel: threading.Event) -> Generator[str, None, Generated]:
        """Yield the reply word by word. Sampling does not apply: nothing is drawn by lot and nothing is cut."""
        del sampling
        said = 0
        prompt_tokens = self.count_prompt(prompt.messages)
        for piece in _PIECE.findall(reply(prompt)):
            if cancel.is_set():
                return Generated("cancelled", prompt_tokens, said)
            said += self.count(piece)
            yield piece
        return Generated("complete", prompt_tokens, said)

    def close(self) -> None:
        """Nothing is held."""


def reply(prompt: Prompt) -> str:
    """The whole answer to ``prompt``."""
    asked = is_question(prompt.words)
    quotes = list(_quotable(prompt, strongly=not asked))
    if asked:
        return "\n".join([FOUND, "", *quotes]) if quotes else NOTHING
    return "\n".join([RELATED, "", *quotes]) if quotes else NOTED


def is_own_answer(turn: Turn) -> bool:
    """True for a reply that memory_only gave: it holds nothing but quotations of other memories."""
    quoting = turn.text.startswith((f"{FOUND}\n\n- ", f"{RELATED}\n\n- "))
    return turn.speaker == "assistant" and (quoting or says_nothing(turn.text))


def says_nothing(text: str) -> bool:
    """True for the replies of memory_only that quote nothing."""
    return text == NOTED or text.startswith(_NOTHING_BEGINS)


def _quotable(prompt: Prompt, *, strongly: bool) -> Iterator[str]:
    """The lines of the best few memories: each text once, no questions, nothing this model said itself."""
    if not prompt.recalled.found:
        return
    seen = {plain(prompt.words)}
    enough = WORTH_QUOTING * prompt.recalled[0].score
    for recollection in prompt.recalled:
        memory = recollection.memory
        if recollection.score < enough:
            return
        key = plain(memory.text)
        if key in seen or is_own_answer(memory) or is_only_a_question(memory.text):
            continue
        if strongly and not _related(recollection):
            continue
        seen.add(key)
        until = recollection.superseded.since if recollection.superseded else None
        yield f"- {earlier(until)}{utc_date(memory.said_at)}, {speaker_name(memory.speaker)}: {_quote(memory.text)}"
        if len(seen) > MOST_QUOTED:
            return


def _related(recollection: Recollection) -> bool:
    """To volunteer a memory nobody asked for, it must share at least two words with what was said."""
    return len(recollection.matched) >= 2


def plain(text: str) -> str:
    """The words alone, marks and letter case aside; of a text without any, itself."""
    return " ".join(re.findall(r"\w+", text.casefold())) or text.strip()


def _quote(text: str) -> str:
    """On one line, at most LONGEST_QUOTE characters."""
    flat = " ".join(text.split())
    if len(flat) > LONGEST_QUOTE:
        flat = flat[: LONGEST_QUOTE * 2 // 3] + CUT_MARK + flat[-LONGEST_QUOTE // 3 :]
    return quoted(flat)
