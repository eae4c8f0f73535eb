"""Output-layer memory: the recalled memories have a say in every next token, beside what the model reads of them.

As in kNN-LM (Khandelwal et al. 2020, https://arxiv.org/abs/1911.00172) and the continuous cache (Grave et al. 2017,
https://arxiv.org/abs/1612.04426). Each recalled text is read by the model once. Every place in it is a slot: its key is
the hidden state there, its value the token that came next. While the reply is made, the present hidden state h is
compared with all keys k, and the two distributions are mixed, as pointers are (Merity et al. 2017)::

    p_memory(w)  proportional to  sum over slots with value w of exp(-mean((h - k)^2) / temperature)
    p(w)         =  (1 - weight) p_model(w) + weight p_memory(w)

It is exact names and numbers that this helps to: what was said word for word is likely again where the same was begun.
Nothing is trained. Only a model in process shows its hidden states, so servers have none of this.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from agent.models.base import Adjust, Insight, Prompt

if TYPE_CHECKING:
    from agent.settings import ModelSettings

WEIGHT = 0.25
"""What kNN-LM found best on its own domain (Khandelwal et al. 2020, section 4); used where none is set."""
LONGEST_TEXT = 512
"""Tokens of one memory that are read; the beginning."""
KEPT_TOKENS = 16_384
"""Slots whose keys are kept from reply to reply, so that what is recalled again is not read again."""


@dataclass(frozen=True, slots=True)
class Slots:
    """``keys``: hidden states, float32, shape (slots, width). ``values``: the tokens that followed, int64, (slots,)."""

    keys: Any
    values: Any


class OutputLayerMemory:
    """An :class:`~agent.models.base.OutputMemory` for one model. Used by one reply at a time, as the model is.

    ``weight``: 0 to 1, the memories' share in each choice; 0 switches it off. ``temperature``: how far from a slot's
    key still counts, in mean squared difference; towards 0 the nearest slot alone speaks.
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
        return Slots(torch.cat([one.keys for one in read]), torch.cat([one.values for one in read]))

    def _slots_of(self, text: str, model: Insight) -> Slots | None:
        if text in self._read:
            self._read.move_to_end(text)
            return self._read[text]
        ids = model.ids(text)[:LONGEST_TEXT]
        if len(ids) < 2:
            return None
        self._read[text] = slots = slots_of(ids, model.hidden_states(ids))
        return slots

    def _forget_oldest(self) -> None:
        kept = sum(len(slots.values) for slots in self._read.values())
        while kept > KEPT_TOKENS and len(self._read) > 1:
            _, slots = self._read.popitem(last=False)
            kept -= len(slots.values)


def slots_of(ids: Sequence[int], states: Any) -> Slots:
    """The slots of one text: ``states``, shape (tokens, width), are the hidden states over ``ids``."""
    import torch

    return Slots(states[:-1].float(), torch.tensor(ids[1:], device=states.device))


def mixed(logits: Any, hidden: Any, slots: Slots, *, weight: float, temperature: float) -> Any:
    """Log-probabilities, float32, shape (vocabulary,): the model's and the memories' distributions, mixed.

    ``logits``: shape (vocabulary,); ``hidden``: the state they were made from, shape (width,). Neither is changed.
    """
    import torch

    distances = (slots.keys - hidden.float()).square().mean(-1)
    chances = torch.softmax(-distances / temperature, dim=0)
    own = torch.softmax(logits.float(), dim=-1)
    remembered = torch.zeros_like(own).index_add_(0, slots.values, chances.to(own.device))
    both = (1 - weight) * own + weight * remembered
    return both.clamp_min(torch.finfo(torch.float32).tiny).log()
