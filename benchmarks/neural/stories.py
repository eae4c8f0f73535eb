"""Stories in the manner of bAbI (Weston et al. 2015, "Towards AI-complete question answering"): people walk about and
take things along, and it is asked where somebody is (one supporting fact), who has a thing (one), and where a thing is
(two). Made by this project, in its own words; nothing of the data set is used.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random

PEOPLE = "Anna Bruno Clara Dario Elsa Felix".split()
PLACES = "attic bakery cellar garden harbour kitchen library station".split()
THINGS = "apple book candle drum key lamp".split()
WALKS = ("went to", "walked to", "moved to", "ran to")
TAKES = ("took", "picked up", "got")
ANSWERS = (*PEOPLE, *PLACES)
KINDS = ("where is who", "who has it", "where is it")


@dataclass(frozen=True, slots=True)
class Story:
    """What happened, oldest first; what is asked; the one word that answers it."""

    sentences: tuple[str, ...]
    question: str
    kind: str
    answer: str


def told(random: Random, sentences: int) -> Story:
    """A story of ``sentences``, with a question that it answers. Whoever takes a thing takes it from whoever had it."""
    place: dict[str, str] = {}
    holder: dict[str, str] = {}
    lines = []
    for _ in range(sentences):
        walkers_only = not place or random.random() < 0.6
        who = random.choice(PEOPLE if walkers_only else list(place))
        if walkers_only:
            place[who] = random.choice([spot for spot in PLACES if spot != place.get(who)])
            lines.append(f"{who} {random.choice(WALKS)} the {place[who]}")
        else:
            thing = random.choice(THINGS)
            holder[thing] = who
            lines.append(f"{who} {random.choice(TAKES)} the {thing}")
    kind = random.choice(KINDS) if holder else KINDS[0]
    if kind == "where is who":
        who = random.choice(list(place))
        return Story(tuple(lines), f"where is {who}", kind, place[who])
    thing = random.choice(list(holder))
    if kind == "who has it":
        return Story(tuple(lines), f"who has the {thing}", kind, holder[thing])
    return Story(tuple(lines), f"where is the {thing}", kind, place[holder[thing]])
