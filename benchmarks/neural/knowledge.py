"""A small world of films, in the manner of WikiMovies (Miller et al. 2016): facts as (subject, relation) -> object.

The knowledge base is drawn anew for every question, so nothing of it can be known by heart; and which subject is asked
about with which relation is split in two, so that the test asks only what was never asked in training.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

FILMS = [f"film{number}" for number in range(24)]
PEOPLE = [f"person{number}" for number in range(24)]
YEARS = [f"year{number}" for number in range(12)]
RELATIONS = {"directed": PEOPLE, "wrote": PEOPLE, "played": PEOPLE, "appeared": YEARS}
"""Relation -> its objects."""
BACK = {relation: f"{relation}-of" for relation in RELATIONS}
"""Each fact is also kept the other way round, as in the paper."""
PHRASES = {
    "directed": ("who directed", "who was the director of", "who is behind the camera in"),
    "wrote": ("who wrote", "whose words are in", "who is the author of"),
    "played": ("who played in", "who stars in", "who is seen in"),
    "appeared": ("when appeared", "which year brought", "what is the age of"),
    "directed-of": ("which film was directed by", "what did the director make, called"),
    "wrote-of": ("which film was written by", "what was put into words by"),
    "played-of": ("in which film plays", "where can one see"),
    "appeared-of": ("which film came out in", "what was new in the cinema of"),
}
ANSWERS = (*FILMS, *PEOPLE, *YEARS)
KEPT_OUT = 5
"""One combination in so many is for the test."""


@dataclass(frozen=True, slots=True)
class Asked:
    """``facts``: (key words, value word); a question, and the value that answers it. ``hops``: facts to be read."""

    facts: tuple[tuple[str, str], ...]
    question: str
    answer: str
    hops: int


def is_held_out(subject: str, relation: str, then: str = "") -> bool:
    """Whether this combination belongs to the test."""
    relations = list(PHRASES)
    number = ANSWERS.index(subject) + 2 * relations.index(relation) + (3 * relations.index(then) if then else 0)
    return number % KEPT_OUT == 0


def drawn(random: Random, *, films: int, held_out: bool) -> Asked:
    """A new knowledge base of ``films``, and a question about it from one side of the split.

    A third of the questions need two facts: who wrote the film that somebody directed?
    """
    objects = {relation: random.sample(things, films) for relation, things in RELATIONS.items()}
    known: dict[tuple[str, str], str] = {}
    for number, film in enumerate(random.sample(FILMS, films)):
        for relation in RELATIONS:
            known[film, relation] = objects[relation][number]
            known[objects[relation][number], BACK[relation]] = film
    facts = tuple((f"{subject} {relation}", value) for (subject, relation), value in known.items())
    while True:
        (subject, relation), answer = random.choice(list(known.items()))
        phrase = random.choice(PHRASES[relation])
        if random.random() < 1 / 3 and answer in FILMS:
            then = random.choice([other for other in RELATIONS if BACK[other] != relation])
            if is_held_out(subject, relation, then) is held_out:
                question = f"{random.choice(PHRASES[then])} the one {phrase} {subject}"
                return Asked(facts, question, known[answer, then], 2)
        elif is_held_out(subject, relation) is held_out:
            return Asked(facts, f"{phrase} {subject}", answer, 1)
