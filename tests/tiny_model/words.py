"""An open vocabulary: words nobody has seen, so that a model must copy them and cannot know them.

A word is *held out* when its hash says so. Training uses only words that are not; tests use only words that are. The
split needs no list, and no test can leak into the training by accident.
"""

from __future__ import annotations

import hashlib
from random import Random

ONSETS = "b br c ch d dr f fr g gl gr h j k kr l m n p pl pr qu r s sh sk st t th tr v w y z".split()
VOWELS = "a a e e i i o o u ai ea ee ia io oo".split()
CODAS = ["", "", "", "", "l", "m", "n", "nd", "r", "rk", "s", "sk", "st", "t", "th", "x"]
PLACE_ENDINGS = "berg by field ford ham holt mouth stad ton vale vik wick".split()
PLAIN_WORDS = """
acorn amber anchor apple apricot arch ash autumn badger bamboo banana barley basil bay beacon bean bear bee birch
biscuit blossom blue bottle bread bridge bronze brook butter button cabin candle canyon caramel carrot castle cedar
cheese cherry chess chestnut clay cloud clover cocoa coconut copper coral cotton cream crystal curry daisy dancing
desert dragon drum dumpling eagle ember feather fennel fern fig fire fish flower flute forest fox frost garden garlic
ginger glass gold grape grass green hammer harbour harp hazel heron hill honey horse iron island ivory ivy jasmine
juniper kite lake lantern lavender leather lemon lily lime linen lion lobster lotus mango maple marble meadow melon
milk mint mirror moon moss mountain mushroom mustard noodle north nut oak oat ocean olive onion orange orchid otter
owl panther paper peach pear pearl pebble pepper piano pine plum pond poppy potato prawn pumpkin purple quartz rain
raven red rice river robin rocket rose ruby saffron sailing salmon salt sand sapphire sesame shadow silk silver snow
soup spice spring squash star stone storm sugar summer sun swan sweet tea thunder tiger tomato tulip turtle valley
vanilla velvet violet walnut water wheat whale white willow wind winter wolf wood wool yellow
""".split()
TRADES = "painter seller maker teacher expert".split()
PLACE_OPENINGS = "Port New Saint".split()
FRAME_WORDS = frozenset(["The", *TRADES, *PLACE_OPENINGS])
"""Words that stand around invented ones, on both sides of the split."""
MONTHS = "January February March April May June July August September October November December".split()


def held_out(word: str) -> bool:
    """Whether ``word`` (case ignored) belongs to the tests: one word in eight does."""
    return hashlib.sha256(word.lower().encode()).digest()[0] % 8 == 0


class Words:
    """Draws words of one side of the split, never the same name twice from one instance."""

    def __init__(self, random: Random, *, for_tests: bool) -> None:
        self.random, self.for_tests, self._used = random, for_tests, set[str]()

    def name(self) -> str:
        """One capitalised word: ``Miso``, ``Torvan``."""
        return self._fresh(lambda: self._syllables(self.random.choice((1, 2, 2, 2, 3)))).capitalize()

    def full_name(self) -> str:
        """A first name and a family name: ``Torvan Elsk``."""
        return f"{self.name()} {self.name()}"

    def place(self) -> str:
        """``Brimholt``, ``Oslen``, now and then ``Port Oslen``."""
        if self.random.random() < 0.5:
            return self._fresh(lambda: self._syllables(1) + self.random.choice(PLACE_ENDINGS)).capitalize()
        return self.random.choice(("", "", "", "", *(f"{opening} " for opening in PLACE_OPENINGS))) + self.name()

    def thing(self) -> str:
        """One or two lower-case words, plain or invented: ``lemon soup``, ``rovin``."""
        return " ".join(self._different_words(self.random.choice((1, 2, 2))))

    def trade(self) -> str:
        """``lemon painter``, ``rovin seller``."""
        return f"{self._thing_word()} {self.random.choice(TRADES)}"

    def brand(self) -> str:
        """Two capitalised words: ``Amber Rovin``."""
        return " ".join(word.capitalize() for word in self._different_words(2))

    def title(self) -> str:
        """Two or three capitalised words: ``The Amber Rovin``."""
        return self.random.choice(("", "The ")) + self.brand()

    def date(self) -> str:
        """A day of the year: ``14 May``."""
        return f"{self.random.randint(1, 28)} {self.random.choice(MONTHS)}"

    def _different_words(self, count: int) -> list[str]:
        words: list[str] = []
        while len(words) < count:
            if (word := self._thing_word()) not in words:
                words.append(word)
        return words

    def _thing_word(self) -> str:
        """A plain word, half of one and half of another, or one of syllables."""
        draw = self.random.random()
        if draw < 0.4:
            return self._right_side(lambda: self.random.choice(PLAIN_WORDS))
        if draw < 0.65:
            return self._fresh(self._blend)
        return self._fresh(lambda: self._syllables(self.random.choice((1, 2, 2))))

    def _blend(self) -> str:
        first, second = self.random.choice(PLAIN_WORDS), self.random.choice(PLAIN_WORDS)
        return first[: self.random.randint(2, 4)] + second[-self.random.randint(2, 4) :]

    def _syllables(self, count: int) -> str:
        choice = self.random.choice
        word = "".join(choice(ONSETS) + choice(VOWELS) for _ in range(count)) + choice(CODAS)
        return word if len(word) > 2 else word + choice("klmnrst")

    def _right_side(self, draw) -> str:
        while held_out(word := draw()) is not self.for_tests:
            pass
        return word

    def _fresh(self, draw) -> str:
        while (word := self._right_side(draw)) in self._used:
            pass
        self._used.add(word)
        return word
