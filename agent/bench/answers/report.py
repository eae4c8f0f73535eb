"""What was answered, as one JSON value. docs/bench.md names its fields."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agent.bench.answers.answering import Mode, Reply
from agent.bench.answers.running import Answered
from agent.bench.answers.scoring import contains, exact_match, precision, token_f1
from agent.bench.data import Question
from agent.bench.metrics import Estimate, Floats, estimates, resampled

Row = dict[str, Any]
SCORES = ("exact_match", "f1", "contains")


def report(answered: Answered, *, seed: int) -> Row:
    """The figures of one data set; every score is a share from 0 to 1."""
    data = answered.data
    draws = resampled(len(data.questions), seed)
    tables = {mode: _scores(data.questions, replies) for mode, replies in answered.replies.items()}
    return {
        "name": data.name,
        "stores": len(data.corpora),
        "turns": data.turns,
        "questions": len(data.questions),
        "remarks": data.remarks,
        "modes": {
            mode: _intervals(table, draws)
            | _against(table, tables.get("none") if mode != "none" else None, draws)
            | _costs(data.questions, answered.replies[mode])
            for mode, table in tables.items()
        },
        "replies": [_told(number, question, answered) for number, question in enumerate(data.questions)],
    }


def _scores(questions: Sequence[Question], replies: Sequence[Reply]) -> Floats:
    """Shape (questions, 3): the columns of :data:`SCORES`."""
    return np.array(
        [
            [score(reply.text, question.answers) for score in (exact_match, token_f1, contains)]
            for question, reply in zip(questions, replies, strict=True)
        ]
    )


def _intervals(table: Floats, draws: Floats) -> Row:
    return {name: _interval(one) for name, one in zip(SCORES, estimates(table, draws), strict=True)}


def _against(table: Floats, without: Floats | None, draws: Floats) -> Row:
    """By how much it is better than no memory, question by question."""
    return {} if without is None else {"ahead_of_none": _intervals(table - without, draws)}


def _costs(questions: Sequence[Question], replies: Sequence[Reply]) -> Row:
    seconds = [reply.seconds for reply in replies]
    shares = [precision(reply.cited, question.evidence) for question, reply in zip(questions, replies, strict=True)]
    known = [share for share in shares if share is not None]
    found: Row = {
        "citation_precision": round(float(np.mean(known)), 4) if known else None,
        "replies_that_cite": sum(bool(reply.cited) for reply in replies),
        "seconds": {"median": round(float(np.median(seconds)), 3), "p95": round(float(np.percentile(seconds, 95)), 3)},
        "prompt_tokens": int(np.median([reply.prompt_tokens for reply in replies])),
    }
    read = [reply.history_read for reply in replies if reply.history_read is not None]
    return found | ({"history_read": round(float(np.mean(read)), 4)} if read else {})


def _told(number: int, question: Question, answered: Answered) -> Row:
    """One question with what each mode made of it."""
    said: dict[Mode, str] = {mode: replies[number].text for mode, replies in answered.replies.items()}
    return {"question": question.text, "answers": list(question.answers), "category": question.category, "said": said}


def _interval(estimate: Estimate) -> Row:
    return {"value": round(estimate.value, 4), "low": round(estimate.low, 4), "high": round(estimate.high, 4)}
