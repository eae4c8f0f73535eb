"""What an English turn claims. Rules that would rather say nothing than something wrong: a false alarm annoys."""

from __future__ import annotations

import re
from collections.abc import Iterator

from memory_store.knowledge.claims import NOTHING, Claim, Correction, Reading, stems_of
from memory_store.knowledge.english_frames import FRAMES, Frame
from memory_store.knowledge.english_parts import KIN
from memory_store.knowledge.values import values_in

_CLAUSE = re.compile(r"[^.!?;\n—]+(?:\.(?=[\w@])[^.!?;\n—]+)*[.!?;\n—]*")
_PART = re.compile(
    r",? (?:but|because|so|while|although|though|which|who|since|and(?= (?:i|my|we|our|the|it|he|she)\b))\b"
    r"|[,:] (?=(?:i|my|we|our|i'm|i've)\b)| - ",
    re.IGNORECASE,
)
_UNREAL = re.compile(
    r"\b(?:if|unless|would|could|might|may be|maybe|perhaps|wish|imagine|suppose|pretend|hypothetical\w*|dream\w*"
    r"|hop(?:e|ing)|plan(?:s|ning)? (?:to|on)|thinking (?:of|about)|consider\w*|want(?:s|ed)? to|going to|gonna|should"
    r"|as if|as though|let's say|in case|whether|will (?:probably|maybe)|about to|when i (?:was|used)|used to"
    r"|back (?:when|then|in)|years? ago|as a (?:kid|child|teen\w*|student)|growing up|in the past|formerly"
    r"|once upon|for example|e\.g|says?|said|told|tells|claims?|wrote|writes|sings?|asked|according to|quot\w+"
    r"|lyrics?|character|novel|movie|story|joke|almost|nearly|supposed to|feels? like|one of my|some(?:times)?|kidding"
    r"|not only|not just|assum(?:e|ing)|given that)\b"
    r"|^\W*say,? |\bi don't (?:like|love|enjoy) [^,]+, i (?:love|adore|need|worship|live for)\b",
    re.IGNORECASE,
)
"""Plans, wishes, the past, what others say: nothing of it says how things are."""
_ADDS = re.compile(
    r"\b(?:also|too(?=\W*$|,)|as well|another|additionally|besides|both|plus|second|part[- ]time|either|or|temporarily"
    r"|for now|for the (?:time being|summer|winter|week|weekend|month|year)|during the (?:week|day|summer|winter|term)"
    r"|(?:on|at) (?:the )?week(?:end|day)s?|in (?:the )?(?:winter|summer|spring|autumn|fall)|half (?:of )?the"
    r"|part of the)\b",
    re.IGNORECASE,
)
"""It holds beside what was said before, or at times."""
_CHANGED = re.compile(
    r"\b(?:actually|(?<!^)now(?!,)|no longer|any ?more|these days|nowadays|instead|changed?|switched|moved|finally"
    r"|rescheduled|postponed|pushed (?:back|forward)|shifted|brought forward|increased|decreased|raised|rose|dropped"
    r"|(?:went|gone) (?:up|down)|recently|from now on|correction|turns out|as of)\b",
    re.IGNORECASE,
)
_QUOTED = re.compile(r"[\"“][^\"”]{3,}[\"”]")
_GIVEN = re.compile(
    r"\b(?:rewrite|rephrase|paraphrase|translate|proofread|summari[sz]e|edit|improve|correct|polish|shorten|reply to"
    r"|respond to|analy[sz]e|continue|complete|classify|extract|rate|review|check)\b[^.!?:\n]{0,80}(?::|\n)"
    r"|^\W*(?:please )?(?:act as|you are an? |role-?play|pretend|imagine you)|^dear \w+,",
    re.IGNORECASE | re.MULTILINE,
)
"""What follows is handed over to be worked on: somebody's words, seldom the user's own."""
_TITLE = re.compile(r"\b(Dr|Mr|Mrs|Ms|Prof)\.(?= )")
"""Its point ends no sentence."""
_LOWER = re.compile(r"^[^A-Z]*$")
_FORGET = re.compile(
    r"\b(?:please )?(?:forget|disregard|ignore|scratch) (?:that|what)? ?(?:i (?:said|told you|mentioned)(?: that)?)? ?",
    re.I,
)
_DENIES = re.compile(r"\b(?:not|n't|no longer|never|nobody|none|neither|nor|without|hardly)\b|n't\b", re.IGNORECASE)

_OPENING = re.compile(
    r"^\W*(?:(?:oh|oops|ah|well|wait|hold on|sorry|hmm+|no|nope|um+|my bad|my mistake|actually|correction|scratch that"
    r"|i misspoke|i was wrong|i got (?:that|it) wrong|i meant(?: to say)?|make that)\b[\s,.!:;—-]*)+",
    re.IGNORECASE,
)
_STRONG = re.compile(
    r"\b(?:no|nope|actually|correction|scratch that|i misspoke|i was wrong|i got (?:that|it) wrong|i meant|make that"
    r"|my mistake|my bad)\b",
    re.IGNORECASE,
)
_BARE = re.compile(
    r"^(?:(?:it|that|this|they|he|she)(?:'s| is| was|'re| are| were| will be)|make (?:that|it)|i meant)?"
    r"(?: (?:actually|really|supposed to be|meant to be|called|named))*"
    r" ?(?:on|at|in|for|to|the)? ?",
    re.IGNORECASE,
)
_FEW = r"[\w:'$€£@.-]*\w(?: [\w:'-]*\w){0,2}?"
_BEFORE = r"(?:on |at |in |for |a |the )?"
_INSTEAD = re.compile(
    rf"\b(?:it(?:'s| is| was)|that(?:'s| was)|i meant|is|was|'s|am|are|were)?\s*(?<!if )not (?!until ){_BEFORE}"
    rf"(?P<wrong>{_FEW}),? (?:but|it(?:'s| is| was)|that(?:'s| was)|rather)(?: rather)? (?:actually )?{_BEFORE}"
    rf"(?P<value>{_FEW})\s*[.!]*$"
    rf"|\b(?:it(?:'s| is| was)|that(?:'s| was)|is|was|'s|i meant) (?:actually )?{_BEFORE}"
    rf"(?P<value2>{_FEW}), not {_BEFORE}(?P<wrong2>{_FEW})\s*[.!]*$",
    re.IGNORECASE,
)
_SAYS_MORE = re.compile(
    r"\b(?:i|we|you|he|she|they|it|that|is|was|are|not|no|never|only)\b|n't\b|'(?:m|re|s|ll)\b", re.I
)
"""Behind a value: "no, Monday I'm busy" corrects nothing."""
MOST_CLAUSES = 40


def read(text: str) -> Reading:
    """As :func:`memory_store.knowledge.claims.read`, for a text in English."""
    plain = _TITLE.sub("\\1\u2024", text.replace("’", "'").replace("‘", "'"))
    claims: list[Claim] = []
    corrections: list[Correction] = []
    given = _GIVEN.search(plain)
    hidden = _QUOTED.sub(lambda match: "\x00" * len(match[0]), plain[: given.start() if given else len(plain)])
    for number, match in enumerate(_CLAUSE.finditer(hidden)):
        if number >= MOST_CLAUSES:
            break
        if "?" in match[0]:
            continue
        corrections += _corrections(match[0], match.start())
        claims += _claims_of(match[0], match.start(), plain)
    return Reading(tuple(claims), tuple(corrections)) if claims or corrections else NOTHING


def _claims_of(sentence: str, offset: int, text: str) -> Iterator[Claim]:
    forgets = _FORGET.search(sentence)
    if forgets and not re.search(r"\b(?:n't|never|not) *$", sentence[: forgets.start()], re.I):
        rest = sentence[forgets.end() :]
        for claim in _plain_claims(rest, offset + forgets.end(), text):
            yield _with(claim, denied=True, changes=True)
        return
    if _UNREAL.search(sentence):
        # What is unreal in one half need not be in the other, but who can tell: only what precedes a "but".
        return
    yield from _plain_claims(sentence, offset, text)


def _plain_claims(sentence: str, offset: int, text: str) -> Iterator[Claim]:
    start = 0
    lower = _LOWER.match(text) is not None
    for cut in [*_PART.finditer(sentence), None]:
        clause = sentence[start : cut.start() if cut else len(sentence)]
        yield from _in_clause(clause, offset + start, lower=lower)
        start = cut.end() if cut else 0


def _in_clause(clause: str, offset: int, *, lower: bool) -> Iterator[Claim]:
    if len(clause.split()) > 30:
        return
    low = clause.casefold()
    adds = _ADDS.search(clause) is not None
    changed = _CHANGED.search(clause) is not None
    for frame in FRAMES:
        if not any(mark in low for mark in frame.marks):
            continue
        match = (frame.lower if lower else frame.pattern).search(clause)
        if match is None:
            continue
        claim = _claim(frame, match, offset, changed=changed)
        if claim is not None and not (adds and claim.single and not claim.denied):
            yield claim
            return


def _claim(frame: Frame, match: re.Match[str], offset: int, *, changed: bool) -> Claim | None:
    name = "val" if match["val"] else "val2"
    subject, value = _subject(match), match[name].strip(" ,.!'")
    if subject is None or not stems_of(value) or not frame.accepts(value):
        return None
    relation = frame.relation
    if "np" in match.groupdict() and match["np"]:
        thing = stems_of(match["np"])
        if not thing or not frame.names(match["np"]):
            return None
        subject = f"{subject}: {' '.join(sorted(thing))}" if frame.owned else " ".join(sorted(thing))
    denied = frame.denied or bool(_DENIES.search(match[0][: match.start(name) - match.start()]))
    if denied and frame.single and not (changed or frame.denied):
        return None
    start = offset + match.start(name) + len(match[name]) - len(match[name].lstrip(" ,.!'"))
    return Claim(subject, relation, value, start, frame.single, denied, changed or frame.changes)


def _subject(match: re.Match[str]) -> str | None:
    groups = match.groupdict()
    if groups.get("kin"):
        kin = KIN.get(groups["kin"].casefold(), groups["kin"].casefold())
        name = groups.get("kin_name")
        return f"my {kin} {name.casefold()}" if name else f"my {kin}"
    if groups.get("proper"):
        return groups["proper"].casefold()
    return "i"


def _with(claim: Claim, *, denied: bool, changes: bool) -> Claim:
    return Claim(claim.subject, claim.relation, claim.value, claim.start, claim.single, denied, changes)


def _corrections(sentence: str, offset: int) -> Iterator[Correction]:
    instead = None if re.search(r"\bnot (?:only|just|merely|simply)\b", sentence, re.I) else _INSTEAD.search(sentence)
    opening = _OPENING.match(sentence)
    cued = opening is not None and _STRONG.search(opening[0]) is not None
    if instead is not None and not _UNREAL.search(sentence):
        which = "2" if instead["value2"] else ""
        value, wrong = instead[f"value{which}"], instead[f"wrong{which}"]
        yield _correction(value, wrong, offset + instead.start(f"value{which}"), cued=cued)
        return
    if opening is None or not cued:
        return
    rest = sentence[opening.end() :]
    bare = _BARE.match(rest)
    if bare is None or len(rest.split()) > 8:
        return
    value = next((one for one in values_in(f"x {rest}") if one.start - 2 <= bare.end() + 1), None)
    if value is None:
        return
    if value.kind in ("name", "number") and not bare[0].strip() and "meant" not in opening[0]:
        return
    after = rest[value.start - 2 + len(value.text) :].split()
    if len(after) <= 4 and not _SAYS_MORE.search(" ".join(after)):
        yield Correction(value.text, offset + opening.end() + value.start - 2, kind=value.kind, cued=True)


def _correction(value: str, wrong: str, start: int, *, cued: bool) -> Correction:
    kinds = [{one.kind for one in values_in(f"x {part}")} for part in (value, wrong)]
    same = sorted(kinds[0] & kinds[1])
    return Correction(value, start, kind=same[0] if same else "", wrong=wrong, cued=cued)
