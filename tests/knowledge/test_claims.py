"""What rules read out of a turn: facts as they are said, and nothing out of questions, plans, quotes and additions."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from memory_store.knowledge.claims import read

SAID = [
    ("My sister lives in Porto.", "my sister", "live", "Porto"),
    ("i live in porto", "i", "live", "porto"),
    ("I moved from Porto to Lisbon last year.", "i", "live", "Lisbon"),
    ("Tom works for Siemens now.", "tom", "work", "Siemens"),
    ("I work as a nurse.", "i", "job", "nurse"),
    ("Our cat is called Miso.", "cat", "name", "Miso"),
    ("My favourite colour is green now.", "i: colour", "favourite", "green"),
    ("The dentist appointment was moved to Thursday at 3pm.", "i: appoint dentist", "when", "Thursday at 3pm"),
    ("My rent is $1,200 a month.", "i: rent", "value", "$1,200"),
    ("The spare key is under the blue pot.", "kei spare", "where", "under the blue pot"),
    ("I'm vegan, by the way.", "i", "diet", "vegan"),
    ("My new boss is Karen.", "i: boss", "who", "Karen"),
    ("My dentist is Dr. Okafor.", "i: dentist", "who", "Okafor"),
    ("We packed everything and moved to Lisbon.", "i", "live", "Lisbon"),
    ("我们家的房租是3000块", "房租", "value", "3000块"),
    ("I live in sunny San Diego.", "i", "live", "San Diego"),
    ("我现在住上海", "i", "live", "上海"),
    ("我妹妹搬到北京了。", "妹妹", "live", "北京"),
    ("我搬到上海了", "i", "live", "上海"),
    ("我们已经从北京搬去深圳住了。", "i", "live", "深圳"),
    ("我现在在上海住。", "i", "live", "上海"),
    ("不对，我住在上海。", "i", "live", "上海"),
    ("我在腾讯工作", "i", "work", "腾讯"),
    ("我最喜欢的颜色是蓝色", "颜色", "favourite", "蓝色"),
    ("会议改到周五了", "会议", "when", "周五"),
]
DENIED = [
    ("I no longer work at Google.", "work", "Google"),
    ("I don't live in Porto anymore.", "live", "Porto"),
    ("I quit smoking.", "do", "smoking"),
    ("I sold my car.", "do", "car"),
    ("I can't stand coffee.", "like", "coffee"),
    ("Please forget that I live in Porto.", "live", "Porto"),
    ("我不再吃肉了。", "do", "肉"),
    ("I don't have a car.", "do", "car"),
    ("I no longer have a dog, sadly.", "do", "dog"),
    ("I don't drink coffee after noon.", "do", "coffee after noon"),
    ("我没有狗了", "have", "狗"),
]
NOTHING = [
    "Do you think my sister lives in Porto?",
    "If I lived in Porto, I would be happy.",
    "I might move to Lisbon.",
    "I want to work at Google.",
    'She said: "I live in Porto."',
    "I used to live in Porto.",
    "I also work at Google.",
    "When I was a kid, my favourite colour was green.",
    "Tom told me that he moved to Lisbon.",
    "One of my favourite colours is green.",
    "I moved to a new apartment.",
    "I live in the moment.",
    "The energy I don't have is even more drained.",
    "I have to go through all of it.",
    "I have more of them.",
    "We had a lovely dinner and the weather was fine.",
    "She lives in Paris.",
    "Everyone works at Shell.",
    "I moved to Sales in March.",
    "No, Monday I'm busy.",
    "I moved to Microsoft last month.",
    "我住院了。",
    "我住了三天。",
    "不，周一我没空。",
    "It's pottery, which I use for self-expression.",
    "We moved to Phase Two.",
    "I switched to Python for the backend.",
    "My friend is called Anna.",
    "My wife is Italian.",
    "My password is expired.",
    "I'm engaged in a dispute with them.",
    "I have a cold.",
    "I don't have the time.",
    "I love the colour!",
    "I don't like tea, I adore it.",
    "During the week I live in London.",
    "Assume my salary is $80,000.",
    "Please rewrite this: I live in Boston and I work at Acme.",
    "Dear Sam,\nI live in Boston.",
    "我老板是个好人。",
    "我朋友叫小红。",
    "我住在酒店。",
    "我没吃饭。",
    "我不喜欢这个颜色。",
    "请帮我翻译：我住在北京。",
    "如果我住在上海就好了",
    "我在酒店住了两天。",
    "我想搬到上海。",
    "我也喜欢绿色",
    "你住在上海吗？",
    "",
    "???",
]


@pytest.mark.parametrize(("words", "subject", "relation", "value"), SAID)
def test_a_fact(words: str, subject: str, relation: str, value: str) -> None:
    [claim] = read(words).claims
    assert (claim.subject, claim.relation, claim.value, claim.denied) == (subject, relation, value, False)
    assert words[claim.start : claim.start + len(value)] == value


@pytest.mark.parametrize(("words", "relation", "value"), DENIED)
def test_what_holds_no_longer(words: str, relation: str, value: str) -> None:
    [claim] = read(words).claims
    assert (claim.relation, claim.value, claim.denied) == (relation, value, True)


@pytest.mark.parametrize("words", NOTHING)
def test_nothing(words: str) -> None:
    assert not read(words)


@pytest.mark.parametrize(
    ("words", "value", "wrong"),
    [
        ("No, it was Tuesday.", "Tuesday", ""),
        ("Sorry, I meant 4 pm.", "4 pm", ""),
        ("Actually it's on May 3rd", "May 3rd", ""),
        ("It's not Porto but Lisbon.", "Lisbon", "Porto"),
        ("It is Lisbon, not Porto.", "Lisbon", "Porto"),
        ("不对，是周二。", "周二", ""),
        ("不是周一，是周二", "周二", "周一"),
    ],
)
def test_a_correction(words: str, value: str, wrong: str) -> None:
    [found] = read(words).corrections
    assert (found.value, found.wrong) == (value, wrong)
    assert words[found.start : found.start + len(value)] == value


@settings(max_examples=200, deadline=None, derandomize=True)
@given(
    st.text(
        st.sampled_from("I my sister live in moved to not but is no 3pm Tuesday.,?!“”我住在不是，。\n "), max_size=120
    )
)
def test_any_words_are_read(words: str) -> None:
    for claim in read(words).claims:
        assert words[claim.start : claim.start + len(claim.value)].replace("’", "'") == claim.value
