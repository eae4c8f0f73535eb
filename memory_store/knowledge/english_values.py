"""What English words can be the value of a relation: a place and no department, a thing one keeps and no cold."""

from __future__ import annotations

from collections.abc import Callable

from memory_store.knowledge.values import values_in

_VAGUE = frozenset(
    """
    it that this them him her these those me you us one ones something anything everything nothing someone anyone thing
    things stuff time idea ideas way what how who being doing having going when where there here not sure great good bad
    really so yet able ready done strong weak wrong right important different same better best worst weird hacked long
    short secure too much many lot bit break look chance care part place advantage note to is are was were been be more
    less some enough no not never ever any anymore
    """.split()
)
_NO_CREDENTIAL = frozenset(
    """
    taken broken hidden stolen forgotten lost unavailable available invalid valid incorrect correct empty blank full old
    weak unique private public visible safe fine online offline gone back case-sensitive
    """.split()
)
_ORIGIN = frozenset(
    """
    american british english scottish irish welsh canadian mexican brazilian argentinian colombian chilean peruvian
    spanish portuguese french italian german austrian swiss dutch belgian danish swedish norwegian finnish polish czech
    slovak hungarian romanian bulgarian serbian croatian greek turkish russian ukrainian israeli arab egyptian moroccan
    nigerian ghanaian kenyan ethiopian african indian pakistani bangladeshi nepali chinese japanese korean taiwanese
    thai vietnamese filipino indonesian malaysian singaporean australian asian european catholic christian muslim
    jewish hindu buddhist
    """.split()
)
_NO_PLACE = frozenset(
    """
    phase level step stage part chapter section plan version round season option team group tier grade page unit module
    christmas easter halloween thanksgiving
    """.split()
)
_NO_TOWN = frozenset(
    """
    sales marketing finance hr engineering product support operations legal it accounting logistics procurement
    management linux ubuntu debian windows macos mac android iphone python java javascript typescript rust react kotlin
    django excel notion slack discord telegram whatsapp gmail outlook github gitlab docker kubernetes aws azure chrome
    firefox spotify netflix zoom teams jira trello obsidian vim emacs postgres chatgpt
    google microsoft amazon apple meta facebook ibm oracle intel nvidia tesla stripe siemens bosch sap deloitte
    """.split()
)
"""Where one moves to without moving house."""
_LOOSE = ("the", "this", "that", "these", "those", "your", "his", "her", "their", "its", "all", "every", "each", "both")
_HANGING = (
    "for",
    "with",
    "and",
    "or",
    "in",
    "on",
    "at",
    "to",
    "of",
    "by",
    "from",
    "as",
    "about",
    "together",
    "without",
)
"""Words that no thing's name begins with."""
_STATES = frozenset(
    """
    time energy money question questions plan plans meeting meetings appointment call problem problems issue issues
    moment chance opportunity feeling hunch doubt reason choice point headache cold fever cough flu hangover deadline
    day week morning evening night minute hour second access picture list system client update request suggestion
    thought answer information data details space room luck fun exam test class interview date party dinner proof
    """.split()
)
"""What one has for a while, or many times over."""
_SEVERAL = frozenset(
    """
    friend colleague coworker co-worker cousin neighbor neighbour classmate student pupil client customer kid child
    children kids son daughter brother sister uncle aunt nephew niece grandson granddaughter guest partner's guy girl
    character hero protagonist song poem story episode file folder
    """.split()
)


def always(value: str) -> bool:
    """Whatever it is."""
    del value
    return True


def any_words(value: str) -> bool:
    """A few words, whatever they are."""
    return len(value.split()) <= 7


def of_kind(*kinds: str) -> Callable[[str], bool]:
    """Words that hold a value of one of these kinds (values.py)."""
    return lambda value: any(one.kind in kinds for one in values_in(f"x {value}"))


def one_word(value: str) -> bool:
    """A password, a name: not "wrong", not "it", not "expired"."""
    word = value.casefold()
    return len(word.split()) == 1 and word not in _VAGUE | _NO_CREDENTIAL and not word.endswith(("ed", "ing", "able"))


def particular(value: str) -> bool:
    """Something in particular, in a few words; "the colour" is of what the talk is about."""
    words = value.casefold().split()
    named = 0 < len(words) <= 4 and words[0] not in _LOOSE and words[0] not in _HANGING
    return named and not any(word in _VAGUE for word in words)


def lasting(value: str) -> bool:
    """What one has for long: no cold, no meeting, no idea."""
    return particular(value) and not _STATES & set(value.casefold().split())


def a_place(value: str) -> bool:
    """A town or a company: no phase, feast or month."""
    words = value.casefold().replace(",", "").split()
    dated = any(one.kind in ("weekday", "month", "date", "clock") for one in values_in(f"x {value}"))
    return len(words) <= 7 and words[0] not in _NO_PLACE and not dated


def a_town(value: str) -> bool:
    """A place, and no department or program, as far as can be told."""
    return a_place(value) and value.casefold().split()[0].strip(",") not in _NO_TOWN


def somebody(value: str) -> bool:
    """A name, and not where somebody is from."""
    return not _ORIGIN & set(value.casefold().split())


def one_has_one(noun: str) -> bool:
    """It is nobody of whom one has many: who says "my friend is called Tom" may have another, called Anna."""
    return not _SEVERAL & set(noun.casefold().split())
