"""Output-layer memory: the recalled memories have a say in every next token, beside what the model reads of them.

As in kNN-LM (Khandelwal et al. 2020, https://arxiv.org/abs/1911.00172) and the continuous cache (Grave et al. 2017,
https://arxiv.org/abs/1612.04426). Each recalled text is read by the model once. Every place in it is a slot: its key k
is the hidden state there, its value the token that came next. While the reply is made, the present hidden state h is
compared with all keys, and the two distributions are mixed::

    d            =  1 - cos(h, k)
    near         =  sigmoid((REACH - min d) / temperature)
    a            =  weight * near * softmax(-d / temperature) * share
    p(w)         =  (1 - sum of all a) p_model(w) + sum of a over slots with value w

Four things are not as in kNN-LM, and each was needed for it to help a model that reads the same memories in its prompt:

- States are taken a third of the way up, where they tell which words were just said. At the top, where kNN-LM takes
  them, they tell what the model is about to say, and it can only be agreed with.
- ``near`` is the pointer sentinel's part (Merity et al. 2017, https://arxiv.org/abs/1609.07843) with a sentinel that
  stands at a fixed distance: where nothing alike was ever said, the memories are silent.
- ``share``, by what the value is: a token that goes on with a word or a number has a whole one, so that a name which
  was begun is also ended; one that begins a word has half, so that a model that is sure keeps its sentence; punctuation
  that ends something has none, so that a reply does not run on into a memory's next sentence.
- Distances are of directions, so that one temperature serves models of any width and scale.

Nothing is trained. Only a model in process shows its hidden states, so servers have none of this.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.models.base import Adjust, Insight, Prompt
from agent.models.decoding import UNFINISHED

if TYPE_CHECKING:
    from agent.settings import ModelSettings

WEIGHT = 0.9
"""Used by ``mneme bench answers`` where none is set. kNN-LM's 0.25 is for memories that also speak at every word."""
REACH = 0.2
"""The distance at which a slot and the model weigh the same."""
LONGEST_TEXT = 512
"""Tokens of one memory that are read; the beginning."""
KEPT_TOKENS = 16_384
"""Slots whose keys are kept from reply to reply, so that what is recalled again is not read again."""
GOES_ON, BEGINS, ENDS = 1.0, 0.5, 0.0


@dataclass(frozen=True, slots=True)
class Slots:
    """``keys``: unit vectors, float32, shape (slots, width). ``values``: the tokens that followed, int64, (slots,).
    ``shares``: of the weight, by what the value is, float32, (slots,)."""

    keys: Any
    values: Any
    shares: Any


class OutputLayerMemory:
    """An :class:`~agent.models.base.OutputMemory` for one model. Used by one reply at a time, as the model is.

    ``weight``: 0 to 1, the memories' share in each choice; 0 switches it off. ``temperature``: how far from a slot's
    key still counts, in 1 - cosine; towards 0 the nearest slot alone speaks.
    """

    def __init__(self, weight: float, temperature: float) -> None:
        self.weight = weight
        self.temperature = max(temperature, 1e-6)
        self._read: OrderedDict[str, Slots] = OrderedDict()

    @classmethod
    def of(cls, settings: ModelSettings) -> OutputLayerMemory | None:
        """As it is set; None where it is off."""
        if settings.output_memory_weight == 0:
            return None
        return cls(settings.output_memory_weight, settings.output_memory_temperature)

    def begin(self, prompt: Prompt, model: Insight) -> Adjust | None:
        """Read what this prompt's memories say. Raises ModelError when cancelled or out of memory."""
        if self.weight == 0:
            return None
        slots = self._slots([memory.text for memory in prompt.memories], model)
        if slots is None:
            return None

        def adjust(logits: Any, hidden: Any) -> Any:
            return mixed(logits, hidden, slots, weight=self.weight, temperature=self.temperature)

        return adjust

    @contextmanager
    def silent(self) -> Iterator[None]:
        """Meanwhile it has no say: for comparing."""
        weight, self.weight = self.weight, 0.0
        try:
            yield
        finally:
            self.weight = weight

    def _slots(self, texts: Sequence[str], model: Insight) -> Slots | None:
        import torch

        read = [found for text in dict.fromkeys(texts) if (found := self._slots_of(text, model)) is not None]
        self._forget_oldest()
        if not read:
            return None
        keys, values, shares = zip(*((one.keys, one.values, one.shares) for one in read), strict=True)
        return Slots(torch.cat(keys), torch.cat(values), torch.cat(shares))

    def _slots_of(self, text: str, model: Insight) -> Slots | None:
        if text in self._read:
            self._read.move_to_end(text)
            return self._read[text]
        ids = model.ids(text)[:LONGEST_TEXT]
        if len(ids) < 2:
            return None
        self._read[text] = slots = slots_of(ids, model.pieces(ids), model.hidden_states(ids))
        return slots

    def _forget_oldest(self) -> None:
        kept = sum(len(slots.values) for slots in self._read.values())
        while kept > KEPT_TOKENS and len(self._read) > 1:
            _, slots = self._read.popitem(last=False)
            kept -= len(slots.values)


def slots_of(ids: Sequence[int], pieces: Sequence[str], states: Any) -> Slots:
    """The slots of one text: ``pieces`` are the texts of its tokens ``ids``, ``states``, shape (tokens, width), the
    hidden states over them."""
    import torch

    keys = torch.nn.functional.normalize(states[:-1].float(), dim=-1)
    values = torch.tensor(ids[1:], device=states.device)
    return Slots(keys, values, torch.tensor(shares_of(pieces)[1:], device=states.device))


def shares_of(pieces: Sequence[str]) -> list[float]:
    """For each token's text (empty: in the middle of a character) whether it goes on with a word, begins one, or ends
    something. Punctuation between two words without a space (a decimal point, a hyphen) begins the second."""
    shares, word_before = [], False
    for piece, after in zip(pieces, [*pieces[1:], " "], strict=True):
        if not piece or _in_word(piece[0]):
            shares.append(GOES_ON if word_before else BEGINS)
        else:
            joins = word_before and not piece[-1].isspace() and (not after or _in_word(after[0]))
            shares.append(BEGINS if joins or piece.isspace() or _in_word(piece[-1]) else ENDS)
        word_before = not piece or _in_word(piece[-1])
    return shares


def _in_word(character: str) -> bool:
    return character.isalnum() or character == UNFINISHED


def mixed(logits: Any, hidden: Any, slots: Slots, *, weight: float, temperature: float) -> Any:
    """Log-probabilities, float32, shape (vocabulary,): the model's and the memories' distributions, mixed.

    ``logits``: shape (vocabulary,); ``hidden``: the state there, shape (width,). Neither is changed.
    """
    import torch

    distances = 1 - slots.keys @ torch.nn.functional.normalize(hidden.float(), dim=0)
    near = torch.sigmoid((REACH - distances.min()) / temperature)
    said = weight * near * torch.softmax(-distances / temperature, dim=0) * slots.shares
    own = torch.softmax(logits.float(), dim=-1)
    remembered = torch.zeros_like(own).index_add_(0, slots.values.to(own.device), said.to(own.device))
    both = (1 - remembered.sum()) * own + remembered
    return both.clamp_min(torch.finfo(torch.float32).tiny).log()
