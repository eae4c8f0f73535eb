"""The sentence frames by which English says a fact: who, which relation, which value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from memory_store.knowledge.english_parts import (
    ADVERBS,
    ALL_OF_IT,
    BECAME,
    CREDENTIAL,
    CUT,
    DETERMINER,
    ENDS,
    EVENT,
    FIRST_NAME,
    HABIT,
    IS,
    KEPT_THING,
    LOWER_PLACE,
    MAIL,
    NOT,
    NUMBERED,
    PLACE,
    RELATIVE,
    ROLE,
    STORED,
    THING,
    WHERE,
    WHO,
    WHOLE,
    I,
)
from memory_store.knowledge.english_values import (
    a_place,
    a_town,
    always,
    any_words,
    lasting,
    of_kind,
    one_has_one,
    one_word,
    particular,
    somebody,
)


@dataclass(frozen=True)
class Frame:
    """One way to say one relation. Groups of the pattern: ``val``, and ``kin``, ``proper``, ``np`` for the subject.

    A pattern is compiled when a text first has one of its marks: all of them together are a tenth of what a short
    command costs.
    """

    relation: str
    source: str
    marks: tuple[str, ...]
    """In lower case; a clause without any of them is not tried."""
    accepts: Callable[[str], bool]
    single: bool = True
    denied: bool = False
    changes: bool = False
    owned: bool = False
    """The thing ``np`` is somebody's: the subject is both."""
    names: Callable[[str], bool] = always
    """Whether ``np`` is something that this can be said of."""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        return re.compile(self.source, re.IGNORECASE)

    @cached_property
    def lower(self) -> re.Pattern[str]:
        """For a text without capitals: a place is told by where it ends."""
        if not self.source.endswith(PLACE):
            return self.pattern
        return re.compile(self.source.removesuffix(PLACE) + LOWER_PLACE, re.IGNORECASE)


def _frame(
    relation: str,
    pattern: str,
    marks: str,
    accepts: Callable[[str], bool] = any_words,
    *,
    single: bool = True,
    denied: bool = False,
    changes: bool = False,
    owned: bool = False,
    names: Callable[[str], bool] = always,
) -> Frame:
    """``marks``: separated by bars."""
    return Frame(
        relation,
        pattern,
        tuple(re.sub(r"\(.*?\)|\[.*?\]|.\?", "", mark).strip() for mark in marks.split("|")),
        accepts,
        single,
        denied,
        changes,
        owned,
        names,
    )


_UP_TO = r"(?=\s*(?:$|[,.!;]))"
_AMOUNT = (
    r"(?P<val>(?:[^,!;]|(?<=\d),(?=\d)){1,30}?)(?=\s*(?:$|,(?!\d)|[!;]|\.(?:$|\s)|\b(?:per|a|each|instead|now)\b))"
)
_WORD = r"(?P<val>\S+?)(?=[.,!;]?(?:\s|$))"
_JOB = r"(?:a job|a new job|a position|a new position|jobs|working|work)"
_ROOTED = (
    _frame(
        "live",
        rf"{WHO}{ADVERBS}{NOT} (?:live|lives|living|reside|resides|based) (?:in|near)"
        rf" (?:(?:sunny|rainy|lovely|beautiful|downtown|central|upstate) )?{PLACE}",
        "liv|resid|based",
        a_town,
    ),
    _frame(
        "live",
        rf"{WHO}{ADVERBS}(?: \w+(?: [\w']+){{0,3}} and(?: then)?)? (?:moved|relocated|moving)"
        rf"(?: back| over| house| away)?(?: from [\w' -]+?)? to {PLACE}",
        "moved|relocated|moving",
        a_town,
        changes=True,
    ),
    _frame(
        "work",
        rf"{WHO}{ADVERBS}{NOT} (?:work|works|working|employed) (?:at|for) (?:the )?{PLACE}",
        "work|employed",
        a_place,
    ),
    _frame(
        "work",
        rf"{WHO}{ADVERBS} (?:(?:started|starting|began|got|took|accepted|landed|changed)(?: {_JOB})+"
        rf"|(?:switched|changed|moved) (?:jobs|companies|employers)) (?:at|with|for|to) {PLACE}",
        "start|began|got|took|accepted|landed|changed|switched|moved",
        a_place,
        changes=True,
    ),
    _frame(
        "work",
        rf"{WHO}{ADVERBS} (?:quit|left|resigned from|got fired from|was laid off from)"
        rf" (?:my job at|my job with|working at|working for|my position at) {PLACE}",
        "quit|left|resigned|fired|laid off",
        a_place,
        denied=True,
        changes=True,
    ),
    _frame("job", rf"{WHO}{ADVERBS} (?:work|works|working) as (?:a|an|the) (?P<val>[\w -]{{3,40}}?){CUT}", "work"),
)
_CALLED = (
    _frame(
        "name",
        rf"\b(?:my|our) (?P<np>[\w-]+(?: [\w-]+){{0,2}}?)(?:'s name{IS}|{IS} (?:called|named)) {FIRST_NAME}",
        "name|called",
        names=one_has_one,
    ),
    _frame(
        "name",
        rf"\bthe name of (?:my|our) (?P<np>[\w-]+(?: [\w-]+){{0,2}}?){IS} {FIRST_NAME}",
        "name of",
        names=one_has_one,
    ),
    _frame(
        "who",
        rf"\b(?:my|our) (?P<np>(?:new )?(?:{ROLE}))(?:'s name)?{IS}"
        rf" (?:(?:Dr|Ms|Mr|Mrs|Prof)[.\u2024]? )?{FIRST_NAME}{ENDS}",
        ROLE,
        somebody,
        owned=True,
    ),
)
_KEPT = (
    _frame(
        "favourite",
        rf"\b(?:my|(?:my (?P<kin>{RELATIVE})'s)) (?:all-time |current |new |absolute )*favou?rite "
        r"(?P<np>(?!(?:part|thing|moment|memory|one|way|of|bit|time)\b)[\w-]+(?: [\w-]+){0,2}?)"
        rf"{IS}(?: (?:probably|definitely|still|no longer|not))* (?P<val>[^,.!;]{{2,60}}?)"
        r"(?=\s*(?:$|[,.!;]|\b(?:any ?more|now)\b))",
        "favorite|favourite",
        owned=True,
    ),
    _frame(
        "when",
        rf"\b{DETERMINER} (?P<np>(?:[\w'-]+ ){{0,3}}(?:{EVENT})(?: (?:with|to|for) [\w']+(?: [\w']+)?)?)"
        rf"(?:{IS}| will be|{BECAME}| starts| begins| leaves| departs| takes place)+(?: (?:now|actually))?"
        rf"(?: (?:on|at|for|to|in|next|this|until|from))* (?P<val>[^,.!;]{{2,40}}?){_UP_TO}",
        EVENT,
        of_kind("weekday", "clock", "date"),
        owned=True,
    ),
    _frame(
        "value",
        rf"\b(?:my|our|the|my (?P<kin>{RELATIVE})'s) (?P<np>(?:[\w'-]+ ){{0,3}}?(?:{NUMBERED}))"
        rf"(?:{IS}|{BECAME}| went up to| went down to| dropped to| rose to| increased to| is up to| is down to)"
        rf"(?: to)? {_AMOUNT}",
        NUMBERED,
        of_kind("number"),
        owned=True,
    ),
    _frame(
        "secret",
        rf"\b(?:my|our|the) (?P<np>(?:[\w'-]+ ){{0,3}}?(?:{CREDENTIAL}))(?:{IS}|{BECAME}) {_WORD}",
        "password|passcode|username|handle|number plate|licen",
        one_word,
        owned=True,
    ),
    _frame(
        "mail",
        rf"\b(?:my|our) (?P<np>(?:[\w'-]+ ){{0,2}}?(?:{MAIL}))(?:{IS}|{BECAME}) {_WORD}",
        "mail",
        of_kind("email"),
        owned=True,
    ),
    _frame(
        "where",
        rf"\b{DETERMINER} (?P<np>(?:[\w'-]+ ){{0,2}}?(?:{STORED})){IS}(?: (?:kept|stored|hidden|no longer|lying))*"
        rf" (?P<val>{WHERE} [^,.!;]{{3,40}}?){_UP_TO}",
        STORED,
    ),
    _frame(
        "where",
        rf"{I}(?:'ve| have| just| now)* (?:keep|put|moved|hid|hide|store|left|stored) {DETERMINER}"
        rf" (?P<np>(?:[\w'-]+ ){{0,2}}?(?:{STORED})) (?P<val>(?:to|{WHERE}) [^,.!;]{{3,40}}?){_UP_TO}",
        STORED,
    ),
)
_OF_A_PERSON = (
    _frame(
        "age",
        rf"(?!\bwe\b){WHO}{ADVERBS}(?: (?:turned|turning|just turned))?"
        r" (?P<val>\d{1,3})(?: years old| today|(?=[.!]?$))",
        "years old|turned",
    ),
    _frame(
        "marital",
        rf"{I}(?:'m| am|'re| are| got)(?: (?:now|officially|finally|happily))*"
        r" (?P<val>single|married|engaged|divorced)\b(?!-)(?! (?:in|on|by)\b)",
        "single|married|engaged|divorced",
    ),
    _frame(
        "diet",
        rf"{WHO}(?:'m| am|'s| is|'re| are|'ve become|'ve gone| have gone| went| became)(?: (?:now|actually|fully))*"
        r"(?: (?:not|no longer))?(?: a| an)? (?P<val>vegetarian|vegan|pescatarian|omnivore|meat[- ]eater)\b",
        "vegetarian|vegan|pescatarian|omnivore|meat",
    ),
    _frame(
        "drive", rf"{WHO}{ADVERBS}(?: (?:no longer|don't))? (?:drive|drives) an? (?P<val>[\w -]{{3,30}}?){CUT}", "drive"
    ),
)
_MANY = (  # relations that hold for many things at once: only a denial and what it denies clash
    _frame(
        "allergic",
        rf"{WHO}{ADVERBS}(?: (?:not|no longer))*(?:'m| am)?(?: (?:not|no longer|really))* allergic to {THING}",
        "allergic",
        particular,
        single=False,
    ),
    _frame(
        "like",
        rf"{I}(?: (?:really|do|absolutely|still|just|so|truly|now|also))* (?:love|like|enjoy|adore)"
        rf" (?:eating |drinking |playing )?{THING}",
        "love|like|enjoy|adore",
        particular,
        single=False,
    ),
    _frame(
        "like",
        rf"{I}(?: (?:really|now|actually))*"
        r" (?:(?:do not|don't|no longer|never)(?: really| even)? (?:love|like|enjoy)|hate|dislike|can't (?:stand|bear))"
        rf"(?: eating| drinking| playing)? {ALL_OF_IT}",
        "like|love|enjoy|hate|can't",
        particular,
        single=False,
        denied=True,
    ),
    _frame(
        "do",
        rf"{I}(?: (?:usually|often|always|still|mostly|generally|regularly))* (?:{HABIT}) (?:a |an |my |the )?{THING}",
        HABIT,
        particular,
        single=False,
    ),
    _frame(
        "do",
        rf"{I}(?:'ve| have)?(?: (?:now|still|got|also))* (?:have|own) (?:an?|one|two|my own) {THING}",
        "have|own",
        lasting,
        single=False,
    ),
    _frame(
        "do",
        rf"{I} (?:(?:don't|do not) (?:have|own) (?:(?:a|an|any) )?(?P<val>(?:[\w-]+ )?(?:{KEPT_THING})){WHOLE}"
        r"|(?:no longer (?:have|own)|(?:don't|do not) (?:have|own)(?=.* any ?(?:more|longer)\b))"
        rf" (?:(?:an?|any|my|the) )?(?P<val2>[^,.!?;]{{2,60}}?){WHOLE})",
        "no longer|don't|do not",
        lasting,
        single=False,
        denied=True,
    ),
    _frame(
        "do",
        rf"{I}(?:'ve| have)?(?: (?:actually|now|just))* (?:(?:no longer|don't|do not) (?:{HABIT})"
        r"|(?:stopped|quit|gave up|given up) (?:eating|drinking|smoking|playing|teaching|attending|taking|using)"
        r"|(?:cancel?led|quit|gave up|given up))"
        rf" (?:a |an |my |any |our |the )?{ALL_OF_IT}",
        "no longer|don't|do not|stopped|quit|gave|given|cancel",
        particular,
        single=False,
        denied=True,
    ),
    _frame(
        "do",
        rf"{I}(?:'ve| have)?(?: (?:actually|now|just))* (?:sold|gave away|given away|got rid of|returned)"
        rf" (?:a |an |my |any |our |the )?{THING}",
        "sold|gave away|given away|got rid|returned",
        particular,
        single=False,
        denied=True,
    ),
)

FRAMES: tuple[Frame, ...] = (*_ROOTED, *_CALLED, *_KEPT, *_OF_A_PERSON, *_MANY)
"""Tried in this order; the first that fits a clause is taken."""
