"""What is known, and what of it is no longer so: statements that contradict an earlier one, found by rule.

``read`` takes a turn's words apart into *claims*, a subject, a relation and a value each (:mod:`.claims`). Two claims
of one speaker *clash* when they cannot both hold (:mod:`.clashing`). An :class:`~.examining.Examiner` looks for clashes
of a new turn with what it is close to, behind the conversation, and keeps a *conflict* (:mod:`.conflicts`): a link from
the older memory to the newer one. Recall puts the newer one first (:mod:`.arranging`). No language model takes part,
no word is changed, and docs/knowledge.md has the rules and what they were measured to find.
"""
