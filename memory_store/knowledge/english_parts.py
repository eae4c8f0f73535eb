"""The parts that English sentence frames are put together from: who, whose, what, where, when."""

from __future__ import annotations

KIN = {
    "mum": "mother", "mom": "mother", "mommy": "mother", "dad": "father", "daddy": "father", "hubby": "husband",
    "grandma": "grandmother", "grandpa": "grandfather",
}  # fmt: skip
RELATIVE = (
    "sister|brother|mother|mum|mom|father|dad|parents|son|daughter|wife|husband|hubby|partner|boyfriend|girlfriend"
    "|fianc[eé]e?|grandmother|grandma|grandfather|grandpa|boss|manager|roommate|flatmate|best friend|therapist|dentist"
    "|landlord|twin"
)
"""Of each of these one person has one, mostly. Friends and cousins are many: nothing is said of "my friend"."""

_NOBODY = (
    "she|he|they|it|we|you|this|that|these|those|there|here|who|everyone|everybody|nobody|someone|somebody|anyone|anybody"
    "|people|some|most|many|all|both|one|each|every|none|few|others|another|then|now|but|and|so|or|if|when|while|my|our"
    "|your|his|her|their|the|its|not|just|also|yes|well|still|nothing|something|everything|what|which|where|since|after"
    "|before|once|by|from|until|upon|instead|currently|recently|because|although|though|however|maybe|perhaps"
)
"""Who begins with a capital where a sentence begins, and has no name."""

ADVERBS = (
    r"(?: (?:now|currently|just|recently|finally|actually|already|still|have|has|officially|really|both|all|do|did"
    r"|once again|since)|'ve|'s|'m|'re| am| is| are)*"
)
WHO = (
    rf"(?:\b(?:i|we)\b|\b(?:my|our) (?P<kin>{RELATIVE})(?:,? (?P<kin_name>(?-i:[A-Z][a-z]+))(?:,)?)?"
    rf"|(?:^|(?<=[,;] ))\W*(?P<proper>(?!(?:{_NOBODY})\b)(?-i:[A-Z][a-z]{{2,}})))"
)
I = r"\b(?:i|we)\b"  # noqa: E741  the word itself
NOT = r"(?: (?:don't|doesn't|do not|no longer))?"
DETERMINER = r"(?:my|our|the)"
IS = r"(?:'s| is| are|'re)(?: (?:now|actually|currently|really))*"
BECAME = (
    r"(?: (?:has |have |just |was |been |is |got |now )*(?:changed|switched|moved|rescheduled|pushed|postponed|shifted"
    r"|brought forward|set|fixed|scheduled|planned|due)(?: back| forward| up)?(?: to| for| on| at| until| till)?)"
)
WHERE = r"(?:in|on|under|underneath|behind|beside|next to|with|at|inside|above|by|over)"

_NO_NAME = r"(?!(?-i:I|The|My|A|An|It|He|She|They|We|You|This|That|And|But|So)\b)"
_NAME = (
    rf"{_NO_NAME}(?-i:[A-Z])[\w.'&-]*"
    r"(?: (?:(?:de|do|da|of|la|le|el|upon|and) )?(?-i:[A-Z])[\w.'&-]*){0,3}"
)
_NOWHERE = (
    "a|an|the|my|our|your|his|her|their|this|that|there|here|it|home|bed|work|school|one|another|some|be|town|love|do"
    "|get|make|tears|fear|peace|hope|harmony|different|new|next|me|you|us|them|night|least|first|all|noon"
)
_CLOSES = (
    r"now|nowadays|these days|any ?more|since|because|and|but|with|for|though|already|instead|last|this|a few|two|as|in"
    r"|at|on|near|by|again|together|when|where|until|from"
)
ENDS = rf"(?=\s*(?:$|[,.!;?]|\b(?:{_CLOSES})\b))"
PLACE = rf"(?P<val>{_NAME}(?:, {_NAME})?){ENDS}"
LOWER_PLACE = (
    rf"(?P<val>(?!(?:{_NOWHERE})\b)[a-z][\w-]{{2,}}"
    rf"(?: (?!(?:and|with|for|last|this|in|on|at|to|from)\b)[a-z][\w-]+)?){ENDS}"
)
"""For those who write without capitals."""
FIRST_NAME = r"(?P<val>(?-i:[A-Z])[\w'-]+(?: (?-i:[A-Z])[\w'-]+)?)"

_STOPS = (
    r"in|on|at|with|for|during|when|while|after|before|because|every|this|today|now|and|but|any ?more|any longer"
    r"|these days|nowadays|as|since|so|than|to|lately|right|too|much|a lot|very|most|usually|nearly|almost|all|daily"
    r"|twice"
)
WHOLE = (
    r"(?=\s*(?:$|[,.!;?(]|\b(?:and|but|any ?more|any longer|these days|nowadays|now|at all|lately|because|since|so|too"
    r"|either)\b))"
)
"""Where a denial ends that holds without a condition: "no coffee after noon" denies no coffee."""
CUT = rf"(?=\s*(?:$|[,.!;?(]|\b(?:{_STOPS})\b))"
THING = rf"(?P<val>[^,.!?;]{{2,60}}?){CUT}"
ALL_OF_IT = rf"(?P<val>[^,.!?;]{{2,60}}?){WHOLE}"

EVENT = (
    "appointment|meeting|interview|exam|flight|train|party|wedding|concert|match|deadline|birthday|anniversary"
    "|rehearsal|recital|performance|surgery|operation|check-up|checkup|delivery|conference|presentation|graduation"
    "|ceremony|webinar|workshop|standup|stand-up|launch|reunion|due date|class|lesson|session|dinner|lunch|call|demo"
    "|hearing|inspection|viewing|reservation|booking|shift|seminar|audition|tournament|game"
)
NUMBERED = (
    "rent|budget|salary|weight|height|shoe size|size|pin|code|number|zip|postcode|price|age|extension|fee|score"
    "|mileage|target|quota|dose|dosage|bill|record|personal best|goal"
)
CREDENTIAL = "username|password|passcode|handle|licen[cs]e plate|number plate"
MAIL = "e-?mail(?: address)?"
ROLE = (
    "boss|manager|dentist|doctor|therapist|landlord|teacher|trainer|roommate|flatmate|coach|supervisor|girlfriend"
    "|boyfriend|husband|wife|partner|lawyer|accountant|mentor|hairdresser|gp|physio"
)
STORED = (
    "keys?|passport|documents?|papers|charger|ladder|toolbox|wallet|certificate|tickets?|safe|glasses|headphones"
    "|umbrella|backup|drill|torch|flashlight|first aid kit"
)
HABIT = "eat|drink|smoke|play|teach|attend|take|use|own"
KEPT_THING = (
    "dog|cat|pet|horse|car|bike|bicycle|motorcycle|motorbike|scooter|boat|van|house|flat|apartment|garden|allotment|piano"
    "|guitar|violin|tv|television|printer|dishwasher|job|girlfriend|boyfriend|roommate|flatmate|gym membership"
    "|driver's licen[cs]e|driving licen[cs]e"
)
"""What one has for long: to say that one has none is to say that something changed."""
