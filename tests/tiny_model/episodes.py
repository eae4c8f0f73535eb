"""Training and test examples: what was remembered, what is asked, what the assistant should say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

from agent.prompt import DEFAULT_SYSTEM
from memory_store.records import Turn
from tests.tiny_model.rendering import Message, asked, message, number_of, said, told
from tests.tiny_model.words import Words
from tests.tiny_model.world import ATTRIBUTES, I_DO_NOT_KNOW, NOTED, Fact, cited, draw_fact

SYSTEMS = (
    "You are a helpful assistant. Answer from the memories you are given. If they do not say, say that you don't know.",
    "Answer in one short sentence.",
    "You talk with a person whom you have known for a long time. Be kind, be brief, and never invent anything.",
)
CHATTER = (
    "I slept badly and the train was late again, but the walk by the river was lovely.",
    "Yesterday we cooked for eight people and nobody wanted to leave before midnight.",
    "The weather is awful today, it has been raining since early in the morning.",
    "I read for three hours and then forgot to call the office back.",
    "We should talk about the holiday some time, I have a few ideas but no plan yet.",
    "It took two weeks to repair the roof and now the kitchen window does not close.",
    "Thank you, that was helpful!",
    "That sounds good. How did it go in the end?",
    "I am glad to hear it. What will you do next?",
)
SMALL_TALK = (
    ("Hello!", "Hello! How are you?"),
    ("Hello", "Hello! How are you?"),
    ("Hi there.", "Hello! How are you?"),
    ("Good morning!", "Good morning!"),
    ("Thank you!", "You are welcome."),
    ("Thanks, that was helpful.", "You are welcome."),
    ("Goodbye!", "Goodbye!"),
)


@dataclass(frozen=True, slots=True)
class Example:
    """A chat whose assistant messages are right, and the value that the last of them must contain (if any)."""

    messages: tuple[Message, ...]
    value: str | None = None


class World:
    """One person's life: facts told at various times, and the days on which they were told."""

    def __init__(self, random: Random, *, for_tests: bool = False) -> None:
        self.random, self.words = random, Words(random, for_tests=for_tests)
        self.now = datetime(2024, 1, 1, 12, tzinfo=UTC) + timedelta(days=random.randrange(1400))
        self._span = random.choice((1, 30, 400, 400))

    def facts(self, count: int) -> list[Fact]:
        """``count`` facts, no two of which answer the same question. They are made alike on purpose: the same
        attribute of several people, several attributes of the same person."""
        people: list[str | None] = [None, *(self.words.full_name() for _ in range(max(1, count // 2)))]
        if self.random.random() < 0.3:
            people += [self.words.name() for _ in range(2)]
        kinds = self.random.sample(list(ATTRIBUTES), k=max(2, count // 2))
        keys = [(person, kind) for person in people for kind in kinds]
        chosen = self.random.sample(keys, k=min(count, len(keys)))
        return [draw_fact(self.words, person=person, attribute=kind) for person, kind in chosen]

    def day(self) -> datetime:
        return self.now - timedelta(days=self.random.randint(0, self._span))

    def memory_of(self, fact: Fact) -> Turn:
        return said(fact.tell(self.random), speaker="user", at=self.day())

    def noise(self, known: list[Fact], unknown: list[Fact]) -> Turn:
        """What else a store gives back: earlier questions, the assistant's earlier words, chatter."""
        draw, choice = self.random.random(), self.random.choice
        if draw < 0.35:
            return said(choice((NOTED, NOTED, I_DO_NOT_KNOW)), speaker="assistant", at=self.day())
        if draw < 0.75:
            return said(choice([*known, *unknown]).ask(self.random), speaker="user", at=self.day())
        if draw < 0.85 and known:
            return said(choice(known).answer, speaker="assistant", at=self.day())
        return said(choice(CHATTER), speaker=choice(("user", "assistant")), at=self.day())


def draw_example(random: Random, *, memories: int, questions: int = 1, for_tests: bool = False) -> Example:
    """A chat in which ``memories`` facts are remembered and ``questions`` are asked, one after the other."""
    world = World(random, for_tests=for_tests)
    kind = random.random()
    if kind < 0.03:
        return _talk(world, *random.choice(SMALL_TALK), memories)
    if kind < 0.08:
        return _talk(world, world.facts(1)[0].tell(random), NOTED, memories)
    return _questioned(world, memories, questions)


def _talk(world: World, words: str, reply: str, memories: int) -> Example:
    remembered = [world.memory_of(fact) for fact in world.facts(memories)] if memories else []
    return Example((*_system(world, []), asked(words, remembered, world.now), message("assistant", reply)))


def _questioned(world: World, memories: int, questions: int) -> Example:
    random = world.random
    known, unknown = world.facts(memories) if memories else [], world.facts(2)
    told_by = {fact: world.memory_of(fact) for fact in known}
    remembered = list(told_by.values())
    if random.random() < 0.6:
        remembered += [world.noise(known, unknown) for _ in range(random.randint(1, 5))]
    pins = [remembered.pop(random.randrange(len(remembered)))] if remembered and random.random() < 0.1 else []
    wanted = [_pick(random, known, unknown) for _ in range(questions)]
    messages = [*_system(world, pins), *_history(world)]
    for number, fact in enumerate(wanted):
        words = fact.ask(random)
        messages.append(message("user", words) if number else asked(words, remembered, world.now, pins=len(pins)))
        is_told = fact in told_by
        reply = cited(fact.answer, number_of(told_by[fact], pins, remembered)) if is_told else I_DO_NOT_KNOW
        messages.append(message("assistant", reply))
    return Example(tuple(messages), wanted[-1].value if wanted[-1] in told_by else None)


def _pick(random: Random, known: list[Fact], unknown: list[Fact]) -> Fact:
    """Mostly something known. Only so much of the rest as teaches to say so: each one more takes from the reading."""
    keys = {(fact.person, fact.attribute) for fact in known}
    fair = [fact for fact in unknown if (fact.person, fact.attribute) not in keys]
    if known and (not fair or random.random() > 0.12):
        return random.choice(known)
    return random.choice(fair)


def _system(world: World, pins: list[Turn]) -> list[Message]:
    draw = world.random.random()
    if draw < 0.2 and not pins:
        return []
    return [told(DEFAULT_SYSTEM if draw < 0.8 else world.random.choice(SYSTEMS), pins)]


def _history(world: World) -> list[Message]:
    """Sometimes the chat has begun already: earlier messages, without the memories they were given."""
    messages: list[Message] = []
    while world.random.random() < 0.25 and len(messages) < 6:
        fact = draw_fact(world.words, person=world.words.full_name())
        pairs = ((fact.tell(world.random), NOTED), (fact.ask(world.random), fact.answer))
        words, reply = world.random.choice((*pairs, (fact.ask(world.random), I_DO_NOT_KNOW)))
        messages += [message("user", words), message("assistant", reply)]
    return messages
