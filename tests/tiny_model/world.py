"""The made-up world: what can be known about a person, and the many ways to say it, to ask for it, to answer.

Two kinds of subject: the user ("My cat is called Miso.") and named people ("Torvan Elsk lives in Brimholt.").
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from random import Random

from tests.tiny_model.words import Words

I_DO_NOT_KNOW = "I don't know."
NOTED = "I will remember that."
RELATIONS = "aunt boss colleague cousin friend neighbour nephew niece student teacher uncle".split()
TELLING = [
    "{0}",
    "{0}",
    "{0}",
    "{0}",
    "By the way, {1}",
    "Just so you know: {0}",
    "Remember this: {1}",
    "Good morning. {0}",
]
TELLING += [
    "You should know that {1}",
    "Please remember that {1}",
    "{0} Don't forget it.",
    "{0} That is important to me.",
]
ASKING = ["{0}", "{0}", "{0}", "{0}", "Tell me, {1}", "Do you remember? {0}", "Quick question: {1}", "Hello. {0}"]
ASKING += ["I want to know: {1}", "{0} I forgot.", "{0} Please tell me."]
SMALL_FIRST = frozenset("My The We Our It For As On What Where Who Which Do".split())
"""First words that lose their capital inside a sentence; names and ``I`` keep it."""


@dataclass(frozen=True, slots=True)
class Attribute:
    """Something that can be known. ``{v}`` is the value; the phrases for named people have ``{n}`` as well."""

    value: Callable[[Words], str]
    own: tuple[str, ...]
    own_ask: tuple[str, ...]
    own_answer: str
    other: tuple[str, ...]
    other_ask: tuple[str, ...]
    other_answer: str


def belonging(noun: str, value: Callable[[Words], str], *more: str, called: bool = True) -> Attribute:
    """A thing or person that somebody has: ``My {noun} is called {v}``, and ``more`` ways for the user to say it."""
    is_ = "is called" if called else "is"
    ask = (
        f"What is {{o}} {noun} called?",
        f"What's {{o}} {noun}'s name?",
        f"What is the name of {{o}} {noun}?",
        f"What is {{o}} {noun}'s name?",
    )
    plain = (f"What is {{o}} {noun}?", f"Which one is {{o}} {noun}?", f"Do you know {{o}} {noun}?")
    tell = (f"{{o}} {noun} is called {{v}}.", f"The name of {{o}} {noun} is {{v}}.", f"{{o}} {noun}'s name is {{v}}.")
    simple = (f"{{o}} {noun} is {{v}}.", f"It is well known that {{o}} {noun} is {{v}}.")
    tells, asks = (tell, ask) if called else (simple, plain)
    return Attribute(
        value,
        (*(_own(t, "My") for t in tells), *more),
        tuple(_own(a, "my") for a in asks),
        f"Your {noun} {is_} {{v}}.",
        tuple(t.replace("{o}", "{n}'s") for t in tells),
        tuple(a.replace("{o}", "{n}'s") for a in asks),
        f"{{n}}'s {noun} {is_} {{v}}.",
    )


def doing(verb: str, value: Callable[[Words], str], ask: str, *more: str) -> Attribute:
    """Something that somebody does: ``I {verb} {v}``; ``ask`` is ``Where do {s} live``, with do/does put right."""
    does = " ".join([_third(verb.split(maxsplit=1)[0]), *verb.split()[1:]])
    other_ask = ask.replace(" do ", " does ").replace("{s}", "{n}")
    return Attribute(
        value,
        (f"I {verb} {{v}}.", *more),
        (ask.replace("{s}", "I") + "?", f"Do you know {_indirect(ask, 'I', verb)}?"),
        f"You {verb} {{v}}.",
        (f"{{n}} {does} {{v}}.", f"I heard that {{n}} {does} {{v}}."),
        (other_ask + "?", f"Do you know {_indirect(ask, '{n}', does)}?"),
        f"{{n}} {does} {{v}}.",
    )


def _own(phrase: str, my: str) -> str:
    opening = phrase.startswith("{o}")
    return phrase.replace("{o}", my if opening else "my")


def _third(verb: str) -> str:
    return {"do": "does", "go": "goes", "am": "is"}.get(verb, verb + "s")


def _indirect(ask: str, who: str, verb: str) -> str:
    """``Where do {s} live`` -> ``where I live``."""
    question, rest = ask.split(" do {s} ")
    return " ".join([question[0].lower() + question[1:], who, verb.split(maxsplit=1)[0], *rest.split()[1:]])


ATTRIBUTES: dict[str, Attribute] = {
    "cat": belonging("cat", Words.name, "I named my cat {v}.", "We have a cat and she is called {v}."),
    "dog": belonging("dog", Words.name, "I named my dog {v}.", "I have a dog named {v}.", "Our dog's name is {v}."),
    "sister": belonging("sister", Words.name, "I have a sister named {v}."),
    "brother": belonging("brother", Words.name, "I have a brother named {v}."),
    "daughter": belonging("daughter", Words.name, "We named our daughter {v}."),
    "husband": belonging("husband", Words.name, "I am married to {v}, my husband."),
    "boat": belonging("boat", Words.title, "I named my boat {v}."),
    "doctor": belonging("doctor", Words.full_name, "I went to see my doctor, {v}."),
    "dentist": belonging("dentist", Words.full_name, "I went to see my dentist, {v}."),
    "school": belonging("school", Words.title, "As a child I went to a school called {v}."),
    "dish": belonging("favourite dish", Words.thing, "The dish I love most is {v}.", called=False),
    "drink": belonging("favourite drink", Words.thing, "The drink I love most is {v}.", called=False),
    "book": belonging("favourite book", Words.title, "The book I love most is {v}.", called=False),
    "singer": belonging("favourite singer", Words.full_name, "The singer I love most is {v}.", called=False),
    "birthday": belonging("birthday", Words.date, "I was born on {v}.", called=False),
    "job": doing("work as a", Words.trade, "What do {s} work as", "I found a job as a {v}."),
    "home": doing("live in", Words.place, "Where do {s} live", "My home is in {v}.", "I moved to {v}."),
    "origin": doing("come from", Words.place, "Where do {s} come from", "I grew up in {v}, I come from there."),
    "employer": doing("work for", Words.name, "Who do {s} work for", "I have a new job, I work for {v} now."),
    "car": doing("drive a", Words.brand, "What car do {s} drive", "My car is a {v}, I drive it every day."),
    "language": doing("speak", Words.name, "What language do {s} speak", "The language I speak at home is {v}."),
    "instrument": doing("play the", Words.thing, "What instrument do {s} play", "On Sundays I play the {v}."),
    "allergy": doing("avoid", Words.thing, "What food do {s} avoid", "I am allergic to {v}, so I avoid it."),
    "hobby": doing("collect", Words.thing, "What do {s} collect", "My hobby is to collect {v}."),
}


@dataclass(frozen=True, slots=True)
class Fact:
    """One thing that is true of somebody. ``person`` None: of the user."""

    attribute: str
    person: str | None
    value: str

    def tell(self, random: Random) -> str:
        """A sentence in which the user says it."""
        kind = ATTRIBUTES[self.attribute]
        if self.person is None:
            return _wrap(random, TELLING, random.choice(kind.own).format(v=self.value))
        relation = f"my {random.choice(RELATIONS)} " if random.random() < 0.4 else ""
        said = random.choice(kind.other).format(n=relation + self.person, v=self.value)
        return _wrap(random, TELLING, said[0].upper() + said[1:])

    def ask(self, random: Random) -> str:
        """A question that it answers."""
        kind = ATTRIBUTES[self.attribute]
        phrases = kind.own_ask if self.person is None else kind.other_ask
        return _wrap(random, ASKING, random.choice(phrases).format(n=self.person))

    @property
    def answer(self) -> str:
        """What the assistant says to such a question when it knows."""
        kind = ATTRIBUTES[self.attribute]
        if self.person is None:
            return kind.own_answer.format(v=self.value)
        return kind.other_answer.format(n=self.person, v=self.value)


def cited(answer: str, number: int) -> str:
    """``answer`` with the number of the memory it was read from: ``Your cat is called Miso [3].``"""
    return f"{answer.removesuffix('.')} [{number}]."


def draw_fact(words: Words, *, person: str | None, attribute: str | None = None) -> Fact:
    """A new fact about ``person`` (None: the user)."""
    attribute = attribute or words.random.choice(list(ATTRIBUTES))
    return Fact(attribute, person, ATTRIBUTES[attribute].value(words))


def _wrap(random: Random, frames: list[str], said: str) -> str:
    inside = said[0].lower() + said[1:] if said.split(maxsplit=1)[0] in SMALL_FIRST else said
    return random.choice(frames).format(said, inside)
