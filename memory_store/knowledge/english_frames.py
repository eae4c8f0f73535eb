"""The sentence frames by which English says a fact: who, which relation, which value."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass

from memory_store.knowledge.values import values_in

KIN = {
    "mum": "mother", "mom": "mother", "mommy": "mother", "dad": "father", "daddy": "father", "hubby": "husband",
    "grandma": "grandmother", "grandpa": "grandfather", "girl friend": "girlfriend", "boy friend": "boyfriend",
}  # fmt: skip
_KIN = (
    "sister|brother|mother|mum|mom|father|dad|parents|son|daughter|wife|husband|hubby|partner|boyfriend|girlfriend"
    "|fianc[eé]e?|grandmother|grandma|grandfather|grandpa|boss|manager|roommate|flatmate|best friend|therapist|dentist"
    "|landlord|twin"
)
_ADV = (
    r"(?: (?:now|currently|just|recently|finally|actually|already|still|have|has|officially|really|both|all|do|did"
    r"|once again|since)|'ve|'s|'m|'re| am| is| are)*"
)
_WHO = (
    rf"(?:\b(?:i|we)\b|\b(?:my|our) (?P<kin>{_KIN})(?:,? (?P<kin_name>(?-i:[A-Z][a-z]+))(?:,)?)?"
    r"|(?:^|(?<=[,;] ))\W*(?P<proper>(?-i:[A-Z][a-z]{2,})))"
)
_I = r"\b(?P<i>i|we)\b"
_NOT_NAME = r"(?!(?-i:I|The|My|A|An|It|He|She|They|We|You|This|That|And|But|So)\b)"
_NAME = rf"{_NOT_NAME}(?-i:[A-Z])[\w.'&-]*(?: (?:(?:de|do|da|of|la|le|el|upon|and) )?(?-i:[A-Z])[\w'.&-]*){{0,3}}"
_PLACE = rf"(?P<val>{_NAME}(?:, {_NAME})?)"
_NOWHERE = (
    "a|an|the|my|our|your|his|her|their|this|that|there|here|it|home|bed|work|school|one|another|some|be|town|love|do"
    "|get|make|tears|fear|peace|hope|harmony|different|new|next|me|you|us|them|night|least|first|all|noon"
)
_LOWER_PLACE = rf"(?P<val>(?!(?:{_NOWHERE})\b)[a-z][\w-]{{2,}}(?: (?!(?:and|with|for|last|this|in|on|at|to|from)\b)[a-z][\w-]+)?)"
_THING = r"(?P<val>[^,.!?;]{2,60}?)"
_END = r"(?=\s*(?:$|[,.!;?]|\b(?:now|nowadays|these days|any ?more|since|because|and|but|with|for|though|already|instead)\b))"
_CUT = (
    r"(?=\s*(?:$|[,.!;?(]|\b(?:in|on|at|with|for|during|when|while|after|before|because|every|this|today|now|and|but"
    r"|any ?more|any longer|these days|nowadays|as|since|so|than|to|lately|right|too|much|a lot|very|most|usually)\b))"
)
_EVENT = (
    "appointment|meeting|interview|exam|flight|train|party|wedding|concert|match|deadline|birthday|anniversary"
    "|rehearsal|recital|performance|surgery|operation|check-?up|delivery|conference|presentation|graduation"
    "|ceremony|webinar|workshop|standup|stand-up|launch|reunion|due date|class|lesson|session|dinner|lunch|call|demo"
    "|hearing|inspection|viewing|reservation|booking|shift|seminar|audition|tournament|game"
)
_NUMERIC = (
    "rent|budget|salary|weight|height|shoe size|size|pin|code|number|zip|postcode|price|age|extension|fee|score"
    "|door code|gate code|mileage|target|quota|dose|dosage|bill|weekly mileage|record|personal best|goal"
)
_SECRET = "password|passcode|username|handle|wi-?fi password|licen[cs]e plate|plate"
_MAIL = "e-?mail(?: address)?|email"
_ROLE = (
    "boss|manager|dentist|doctor|therapist|landlord|teacher|trainer|roommate|flatmate|coach|supervisor|girlfriend"
    "|boyfriend|husband|wife|partner|lawyer|accountant|mentor|hairdresser|gp|physio"
)
_STORED = (
    "keys?|passport|documents?|papers|charger|ladder|toolbox|wallet|spare key|insurance papers|certificate|tickets?|safe"
    "|glasses|headphones|umbrella|backup|drill|torch|flashlight|first aid kit"
)
_WHERE = r"(?:in|on|under|underneath|behind|beside|next to|with|at|inside|above|by|over)"
_DET = r"(?:my|our|the)"
_IS = r"(?:'s| is| are|'re)(?: (?:now|actually|currently|really))*"
_BECAME = (
    r"(?: (?:has |have |just |was |been |is |got |now )*(?:changed|switched|moved|rescheduled|pushed|postponed|shifted"
    r"|brought forward|set|fixed|scheduled|planned|due)(?: back| forward| up)?(?: to| for| on| at| until| till)?)"
)
_FIRST_NAME = r"(?P<val>(?-i:[A-Z])[\w'-]+(?: (?-i:[A-Z])[\w'-]+)?)"


def _any(value: str) -> bool:
    return len(value.split()) <= 7


def _of(*kinds: str) -> Callable[[str], bool]:
    return lambda value: any(one.kind in kinds for one in values_in(f"x {value}"))


def _word(value: str) -> bool:
    return len(value.split()) == 1 and value.casefold() not in _VAGUE


def _told(value: str) -> bool:
    """Something in particular."""
    words = value.casefold().split()
    return 0 < len(words) <= 4 and not any(word in _VAGUE for word in words)


_VAGUE = frozenset(
    """
    it that this them him her these those me you us one ones something anything everything nothing someone anyone thing
    things stuff time idea ideas way what how who being doing having going when where there here not sure great good bad
    really so yet able ready done strong weak wrong right important different same better best worst weird hacked long
    short secure too much many
    """.split()
)


@dataclass(frozen=True, slots=True)
class Frame:
    """One way to say one relation."""

    relation: str
    pattern: re.Pattern[str]
    marks: tuple[str, ...]
    """Lower case; a clause without any of them is not tried."""
    accepts: Callable[[str], bool] = _any
    single: bool = True
    denied: bool = False
    changes: bool = False
    owned: bool = False
    """``np`` is somebody's: the subject is both."""
    lower: re.Pattern[str] | None = None
    """For people who write without capitals."""


def _frame(relation: str, pattern: str, *marks: str, lower: str = "", **more: object) -> Frame:
    compiled = re.compile(pattern, re.IGNORECASE)
    return Frame(relation, compiled, marks, lower=re.compile(lower, re.IGNORECASE) if lower else None, **more)  # type: ignore[arg-type]  # by name


def _placed(pattern: str) -> dict[str, str]:
    return {"pattern": pattern + _PLACE + _END, "lower": pattern + _LOWER_PLACE + _END}


_LIVE = rf"{_WHO}{_ADV}(?: do)?(?:(?P<no> (?:don't|doesn't|do not|no longer)))? (?:live|lives|living|reside|resides|based) (?:in|near) "
_MOVE = rf"{_WHO}{_ADV} (?:moved|relocated|moving)(?: back| over| house| away)?(?: from [\w' -]+?)? to "
_WORK = rf"{_WHO}{_ADV}(?:(?P<no> (?:don't|doesn't|do not|no longer)))? (?:work|works|working|employed) (?:at|for) (?:the )?"
_JOB = (
    rf"{_WHO}{_ADV} (?:(?:started|starting|began|got|took|accepted|landed|changed)(?: working| work| a job| a new job"
    r"| a position| a new position| jobs)+|switched|moved jobs) (?:at|with|for|to) "
)
_QUIT = rf"{_WHO}{_ADV} (?:quit|left|resigned from|got fired from|was laid off from) (?:my job at|my job with|working at|working for|my position at) "

FRAMES: tuple[Frame, ...] = (
    _frame("live", _placed(_LIVE)["pattern"], "live", "living", "reside", "based", lower=_placed(_LIVE)["lower"]),
    _frame("live", _placed(_MOVE)["pattern"], "moved", "relocat", "moving", lower=_placed(_MOVE)["lower"], changes=True),
    _frame("work", _placed(_WORK)["pattern"], "work", "employed", lower=_placed(_WORK)["lower"]),
    _frame(
        "work", _placed(_JOB)["pattern"], "start", "began", "got", "took", "accepted", "landed", "chang", "switch", "jobs",
        lower=_placed(_JOB)["lower"], changes=True,
    ),
    _frame("work", _placed(_QUIT)["pattern"], "quit", "left", "resign", "fired", "laid off", denied=True, changes=True),
    _frame("job", rf"{_WHO}{_ADV} (?:work|works|working) as (?:a|an|the) (?P<val>[\w -]{{3,40}}?){_CUT}", "work"),
    _frame(
        "name", rf"\b(?:my|our) (?P<np>[\w-]+(?: [\w-]+){{0,2}}?)(?:'s name{_IS}|{_IS} (?:called|named)) {_FIRST_NAME}",
        "name", "called",
    ),
    _frame("name", rf"\bthe name of (?:my|our) (?P<np>[\w-]+(?: [\w-]+){{0,2}}?){_IS} {_FIRST_NAME}", "name"),
    _frame(
        "favourite",
        rf"\b(?:my|(?:my (?P<kin>{_KIN})'s)) (?:all-time |current |new |absolute )*favou?rite "
        rf"(?P<np>(?!(?:part|thing|moment|memory|one|way|of|bit|time)\b)[\w-]+(?: [\w-]+){{0,2}}?){_IS}"
        r"(?: (?:probably|definitely|still|no longer|not))* (?P<val>[^,.!;]{2,60}?)(?=\s*(?:$|[,.!;]|\b(?:any ?more|now)\b))",
        "favorite", "favourite", owned=True,
    ),
    _frame(
        "when",
        rf"\b{_DET} (?P<np>(?:[\w'-]+ ){{0,3}}(?:{_EVENT})(?: (?:with|to|for) [\w']+(?: [\w']+)?)?)"
        rf"(?:{_IS}| will be|{_BECAME}| starts| begins| leaves| departs| takes place)+(?: (?:now|actually))?"
        r"(?: (?:on|at|for|to|in|next|this|until|from))* (?P<val>[^,.!;]{2,40}?)(?=\s*(?:$|[,.!;]))",
        *_EVENT.replace("-?", "-").split("|"), "checkup", accepts=_of("weekday", "clock", "date"), owned=True,
    ),
    _frame(
        "value",
        rf"\b(?:my|our|the|my (?P<kin>{_KIN})'s) (?P<np>(?:[\w'-]+ ){{0,3}}?(?:{_NUMERIC}))"
        rf"(?:{_IS}|{_BECAME}| went up to| went down to| dropped to| rose to| increased to| is up to| is down to)"
        rf"(?: to)? (?P<val>[^,!;]{{1,30}}?)(?=\s*(?:$|[,!;]|\.(?:$|\s)|\b(?:per|a|instead|now)\b))",
        *[word.replace("door ", "").replace("gate ", "") for word in _NUMERIC.split("|")], accepts=_of("number"), owned=True,
    ),
    _frame(
        "secret", rf"\b(?:my|our|the) (?P<np>(?:[\w'-]+ ){{0,3}}?(?:{_SECRET}))(?:{_IS}|{_BECAME}) (?P<val>\S+?)(?=[.,!;]?(?:\s|$))",
        "password", "passcode", "username", "handle", "plate", accepts=_word, owned=True,
    ),
    _frame(
        "mail", rf"\b(?:my|our) (?P<np>(?:[\w'-]+ ){{0,2}}?(?:{_MAIL}))(?:{_IS}|{_BECAME}) (?P<val>\S+@\S+?)(?=[.,!;]?(?:\s|$))",
        "mail", accepts=_of("email"), owned=True,
    ),
    _frame(
        "who", rf"\b(?:my|our) (?P<np>(?:new )?(?:{_ROLE}))(?:'s name)?{_IS} (?:Dr\.? |Ms\.? |Mr\.? |Mrs\.? )?{_FIRST_NAME}{_END}",
        *_ROLE.split("|"), owned=True,
    ),
    _frame(
        "age", rf"{_WHO}{_ADV}(?: (?:turned|turning|just turned))? (?P<val>\d{{1,3}})(?: years old| today|(?=[.!]?$))",
        "years old", "turned",
    ),
    _frame("marital", rf"{_I}(?:'m| am|'re| are| got)(?: (?:now|officially|finally|happily))* (?P<val>single|married|engaged|divorced)\b",
           "single", "married", "engaged", "divorced"),
    _frame(
        "diet",
        rf"{_WHO}(?:'m| am|'s| is|'re| are|'ve become|'ve gone| have gone| went| became)(?: (?:now|actually|strictly|fully))*"
        r"(?P<no> (?:not|no longer))?(?: a| an)? (?P<val>vegetarian|vegan|pescatarian|omnivore|meat[- ]eater)\b",
        "vegetarian", "vegan", "pescatarian", "omnivore", "meat",
    ),
    _frame("drive", rf"{_WHO}{_ADV}(?P<no> (?:no longer|don't))? (?:drive|drives) an? (?P<val>[\w -]{{3,30}}?){_CUT}", "drive"),
    _frame(
        "where", rf"\b{_DET} (?P<np>(?:[\w'-]+ ){{0,2}}?(?:{_STORED})){_IS}(?: (?:kept|stored|hidden|no longer|lying))* (?P<val>{_WHERE} [^,.!;]{{3,40}}?)"
        r"(?=\s*(?:$|[,.!;]))", *_STORED.replace("?", "").split("|"),
    ),
    _frame(
        "where", rf"\b(?:i|we)(?:'ve| have| just| now)* (?:keep|put|moved|hid|hide|store|left|stored) {_DET} (?P<np>(?:[\w'-]+ ){{0,2}}?(?:{_STORED}))"
        rf" (?P<val>{_WHERE} [^,.!;]{{3,40}}?)(?=\s*(?:$|[,.!;]))", *_STORED.replace("?", "").split("|"),
    ),
    # relations that hold for many things at once: only a denial and what it denies clash
    _frame("allergic", rf"{_WHO}{_ADV}(?P<no> (?:not|no longer))?(?:'m| am)? ?(?P<no2>not |no longer )?(?:really )?allergic to {_THING}{_CUT}",
           "allergic", accepts=_told, single=False),
    _frame("like", rf"{_I}(?: (?:really|do|absolutely|still|just|so|truly|now|also))* (?:love|like|enjoy|adore) (?:eating |drinking |playing )?{_THING}{_CUT}",
           "love", "like", "enjoy", "adore", accepts=_told, single=False),
    _frame("like", rf"{_I}(?: (?:really|now|actually))* (?:(?:do not|don't|no longer|never)(?: really| even)? (?:love|like|enjoy)|hate|dislike|can't stand|can't bear)"
           rf"(?: eating| drinking| playing)? {_THING}{_CUT}", "like", "love", "enjoy", "hate", "stand", "bear", accepts=_told,
           single=False, denied=True),
    _frame("do", rf"{_I}(?: (?:usually|often|always|still|mostly|generally|regularly))* (?P<verb>eat|drink|smoke|play|teach|attend|take|use|own|have) "
           rf"(?:a |an |my )?{_THING}{_CUT}", "eat", "drink", "smoke", "play", "teach", "attend", "take", "use", "own", "have",
           accepts=_told, single=False),
    _frame("do", rf"{_I}(?:'ve| have)?(?: (?:actually|now|just))* (?:(?:no longer|don't|do not) (?P<verb>eat|drink|smoke|play|teach|attend|take|use|own|have)"
           r"|(?:stopped|quit|gave up|given up) (?:eating|drinking|smoking|playing|teaching|attending|taking|using)"
           rf"|(?:sold|gave away|got rid of|cancel?led|quit|gave up|given up|returned)) (?:a |an |my |any |our |the )?{_THING}{_CUT}",
           "no longer", "don't", "do not", "stopped", "quit", "gave", "given", "sold", "got rid", "cancel", "returned",
           accepts=_told, single=False, denied=True),
)  # fmt: skip
