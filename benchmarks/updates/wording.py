"""Templates of the generated set. Those of the ``test`` portion are worded otherwise than those of ``dev``: the rules
were developed on ``dev`` alone, and ``test`` was written before it was first measured and not tuned to."""

# ruff: noqa: E501  what belongs together stands in one row

from __future__ import annotations

from dataclasses import dataclass, field

Portion = dict[str, tuple[str, ...]]
"""``dev`` and ``test`` -> templates."""


@dataclass(frozen=True, slots=True)
class Relation:
    """One thing that can change. ``{a}`` is the value that was, ``{b}`` the one that is now."""

    name: str
    values: tuple[str, ...]
    older: Portion
    newer: Portion
    """Updates, and corrections that say all of it."""
    kept: Portion
    """What must not be taken for a change of ``{a}``, with ``{b}`` in it where one would be fooled."""
    question: str = ""
    corrections: Portion = field(default_factory=dict)
    """Said right after the older statement, in the same conversation."""
    what: Portion = field(default_factory=dict)
    """For ``{what}``."""


ENGLISH: tuple[Relation, ...] = (
    Relation(
        "home",
        ("Porto", "Lisbon", "Leeds", "Tallinn", "Kyoto", "Denver", "Ghent", "Oslo"),
        {"dev": ("I live in {a}.", "We live in {a} these days."),
         "test": ("I'm living in {a} with two cats.", "Just so you know, I live in {a}.")},
        {"dev": ("I moved to {b} last month.", "I live in {b} now.", "Actually, I live in {b}."),
         "test": ("We finally relocated to {b}!", "Big news: I have moved to {b}.", "I no longer live in {a}.",
                  "Since March I've been living in {b}.")},
        {"dev": ("I used to live in {b}.", "If I lived in {b}, I would cycle more.", "Should I move to {b}?",
                 "My cousin lives in {b}.", "I live in {a}, near the station."),
         "test": ("I'd love to move to {b} some day.", "I grew up in {b}.", "A friend told me she lives in {b}.",
                  "I was in {b} for work last week.", "Do you know anyone who lives in {b}?", "I still live in {a}.")},
        "Where do I live?",
        {"dev": ("Sorry, I meant {b}.",), "test": ("No wait, it's {b}, not {a}.",)},
    ),
    Relation(
        "sister",
        ("Bergen", "Madrid", "Austin", "Lyon", "Turin", "Galway"),
        {"dev": ("My sister lives in {a}.",), "test": ("My sister Nora lives in {a} with her husband.",)},
        {"dev": ("My sister moved to {b}.", "My sister lives in {b} now."),
         "test": ("My sister has just moved to {b}.", "My sister Nora is now living in {b}.")},
        {"dev": ("My brother moved to {b}.", "My sister might move to {b}.", "My sister visited {b} last week."),
         "test": ("My sister Ida lives in {b}.", "My sister's friend moved to {b}.", "My sister wants to move to {b}.",
                  "My sister and I spent a weekend in {b}.")},
        "Where does my sister live?",
    ),
    Relation(
        "job",
        ("Siemens", "Bosch", "Nokia", "Ikea", "Lufthansa", "Spotify"),
        {"dev": ("I work at {a}.", "I work for {a} as an engineer."), "test": ("These days I'm working for {a}.",)},
        {"dev": ("I started a new job at {b}.", "I work at {b} now.", "I no longer work at {a}."),
         "test": ("I quit my job at {a}.", "As of this week I work for {b}.", "I got a new job at {b}!")},
        {"dev": ("I applied at {b}.", "My wife works at {b}.", "I would never work for {b}.", "I work at {a} in the lab."),
         "test": ("I had an interview at {b} today.", "I also do some work for {b} on weekends.",
                  "My neighbour got a job at {b}.", "I bought a lamp at {b}.", "I'm thinking about working for {b}.")},
        "Where do I work?",
    ),
    Relation(
        "colour",
        ("blue", "green", "purple", "yellow", "red", "orange"),
        {"dev": ("My favourite colour is {a}.",), "test": ("My favorite color is {a}, by far.",)},
        {"dev": ("My favourite colour is {b} now.", "Actually, my favourite colour is {b}."),
         "test": ("My favorite color is {b} these days.", "My favorite color has changed: it is {b}.")},
        {"dev": ("My son's favourite colour is {b}.", "One of my favourite shirts is {b}.", "I painted the wall {b}."),
         "test": ("My favorite flower is {b}.", "I like {b} as well.", "What is your favorite color, {b}?",
                  "When I was a kid my favorite color was {b}.")},
        "What is my favourite colour?",
    ),
    Relation(
        "appointment",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday"),
        {"dev": ("The {what} is on {a}.", "My {what} is on {a}."),
         "test": ("My {what} is on {a} at ten.", "Remember that the {what} is this {a}.")},
        {"dev": ("The {what} was moved to {b}.", "The {what} is on {b} now."),
         "test": ("My {what} got rescheduled to {b}.", "The {what} has been postponed to {b}.")},
        {"dev": ("The concert is on {b}.", "Can the appointment be on {b}?", "On {b} I go swimming."),
         "test": ("The rehearsal is on {b}.", "I would prefer {b}.", "My train leaves on {b}.",
                  "I hope they will not move it to {b}.")},
        "When is the {what}?",
        {"dev": ("No, it was {b}.", "Actually, it's on {b}."), "test": ("Sorry, it's {b}, not {a}.", "Correction: {b}.",
                                                                          "Oops, I meant {b}.")},
        {"dev": ("dentist appointment",), "test": ("job interview", "meeting with Paula", "piano lesson")},
    ),
    Relation(
        "rent",
        ("$900", "$1,150", "$1,300", "$1,475", "$1,620"),
        {"dev": ("My rent is {a} a month.",), "test": ("The rent is {a}, heating included.",)},
        {"dev": ("My rent went up to {b}.", "My rent is {b} now."),
         "test": ("The rent has increased to {b}.", "The rent is {b} from now on.")},
        {"dev": ("I paid {b} for a bicycle.", "If the rent were {b}, I would leave.", "My phone bill is {b}."),
         "test": ("My brother pays {b} rent.", "The deposit was {b}.", "They want {b} for the parking space.",
                  "Is a rent of {b} normal?")},
        "How much is my rent?",
    ),
    Relation(
        "key",
        ("under the blue pot", "in the shed", "with Ana", "behind the mirror", "in the top drawer"),
        {"dev": ("The spare key is {a}.",), "test": ("I keep the spare key {a}.",)},
        {"dev": ("The spare key is {b} now.", "I put the spare key {b}."),
         "test": ("I've moved the spare key; the spare key is now {b}.", "The spare key is kept {b} now.")},
        {"dev": ("The umbrella is {b}.", "Did I put the spare key {b}?", "The cat sleeps {b}."),
         "test": ("The bicycle pump is {b}.", "I found an old coin {b}.", "You could hide a key {b}.")},
        "Where is the spare key?",
    ),
    Relation(
        "cat",
        ("Miso", "Biscuit", "Olive", "Pixel", "Juno"),
        {"dev": ("My cat is called {a}.",), "test": ("Our cat's name is {a}.",)},
        {"dev": ("My cat is called {b} now.", "Actually, my cat is called {b}."), "test": ("Our cat is now called {b}.",)},
        {"dev": ("My dog is called {b}.", "My neighbour's cat is called {b}.", "Is your cat called {b}?"),
         "test": ("Our other cat is called {b}.", "I once had a hamster named {b}.", "Ana has a cat called {b}.",
                  "We nearly named our cat {b}.")},
        "What is my cat called?",
    ),
    Relation(
        "habit",
        ("meat", "coffee", "fish", "cheese"),
        {"dev": ("I love {a}.", "I really like {a}."), "test": ("I enjoy {a} in the morning.", "I do love {a}!")},
        {"dev": ("I don't like {a} anymore.", "I no longer like {a}."), "test": ("I hate {a} now.", "I can't stand {a} these days.")},
        {"dev": ("My wife doesn't like {a}.", "I don't like {b}.", "I love {b} too."),
         "test": ("I don't like cold {a}.", "Nobody likes {a} at work.", "Why would I not like {a}?", "I hate {b}.")},
    ),
    Relation(
        "allergy",
        ("peanuts", "pollen", "shellfish", "penicillin"),
        {"dev": ("I'm allergic to {a}.",), "test": ("I am allergic to {a}, unfortunately.",)},
        {"dev": ("I'm not allergic to {a} anymore.",), "test": ("It turns out I'm not allergic to {a}.", "I am no longer allergic to {a}.")},
        {"dev": ("I'm allergic to {b} too.", "My son is not allergic to {a}."),
         "test": ("Luckily I'm not allergic to {b}.", "Is Tom allergic to {a}?", "They say people are rarely allergic to {a}.")},
    ),
)  # fmt: skip

CHINESE: tuple[Relation, ...] = (
    Relation(
        "家",
        ("上海", "北京", "杭州", "成都", "广州", "南京"),
        {"dev": ("我住在{a}。",), "test": ("我现在住在{a}，离公司很近。",)},
        {"dev": ("我搬到{b}了。", "我现在住在{b}。", "我不再住在{a}了。"), "test": ("上个月我搬家到{b}了。", "其实我住在{b}。", "我已经搬去{b}了。")},
        {"dev": ("我以前住在{b}。", "我想搬到{b}。", "我表弟住在{b}。"), "test": ("我下周去{b}出差。", "要是我住在{b}就好了。", "你住在{b}吗？", "我小时候住在{b}。")},
        "我住在哪里？",
        {"dev": ("不对，是{b}。",), "test": ("不是{a}，是{b}。",)},
    ),
    Relation(
        "工作",
        ("腾讯", "华为", "百度", "小米", "美团"),
        {"dev": ("我在{a}工作。",), "test": ("我目前在{a}上班。",)},
        {"dev": ("我跳槽到{b}了。", "我现在在{b}工作。"), "test": ("我换工作了，现在在{b}上班。", "我不再在{a}工作了。")},
        {"dev": ("我姐姐在{b}工作。", "我打算去{b}工作。"), "test": ("我今天去{b}面试。", "听说{b}很忙。", "我朋友在{b}上班。")},
        "我在哪里工作？",
    ),
    Relation(
        "颜色",
        ("蓝色", "绿色", "紫色", "红色"),
        {"dev": ("我最喜欢的颜色是{a}。",), "test": ("我最喜欢的颜色一直是{a}。",)},
        {"dev": ("我最喜欢的颜色现在是{b}。",), "test": ("我最喜欢的颜色变成了{b}。", "其实我最喜欢的颜色是{b}。")},
        {"dev": ("我女儿最喜欢的颜色是{b}。", "我也喜欢{b}。"), "test": ("我买了一件{b}的外套。", "小时候我最喜欢的颜色是{b}。")},
        "我最喜欢什么颜色？",
    ),
    Relation(
        "会议",
        ("周一", "周二", "周三", "周四", "周五"),
        {"dev": ("{what}在{a}。",), "test": ("{what}定在{a}上午。",)},
        {"dev": ("{what}改到{b}了。",), "test": ("{what}推迟到{b}了。", "{what}时间改成{b}了。")},
        {"dev": ("演唱会在{b}。", "{what}能改到{b}吗？"), "test": ("我{b}去游泳。", "希望{what}不要改到{b}。")},
        "{what}在哪天？",
        {"dev": ("其实是{b}。",), "test": ("我记错了，是{b}。", "不是{a}，是{b}。")},
        {"dev": ("会议",), "test": ("面试", "体检")},
    ),
    Relation(
        "钥匙",
        ("花盆下面", "鞋柜里", "抽屉里", "车库里"),
        {"dev": ("备用钥匙在{a}。",), "test": ("我把备用钥匙放在{a}了。",)},
        {"dev": ("备用钥匙现在放在{b}。",), "test": ("我把备用钥匙挪到{b}了。",)},
        {"dev": ("雨伞在{b}。",), "test": ("猫睡在{b}。", "备用钥匙是不是在{b}？")},
        "备用钥匙在哪里？",
    ),
    Relation(
        "习惯",
        ("咖啡", "牛肉", "香菜"),
        {"dev": ("我喜欢{a}。",), "test": ("我很喜欢{a}。",)},
        {"dev": ("我不再喜欢{a}了。",), "test": ("我现在不喜欢{a}了。",)},
        {"dev": ("我妈妈不喜欢{a}。", "我不喜欢{b}。"), "test": ("为什么有人不喜欢{a}？", "我也喜欢{b}。")},
    ),
)  # fmt: skip

CHAT: dict[str, Portion] = {
    "en": {
        "dev": ("The weather is lovely today.", "I watched a documentary about whales.", "Can you suggest a recipe?",
                "I also have a dog.", "I bought apples, pears and bread.", "My friend Tom lives in Rome."),
        "test": ("I went for a run and it rained the whole time.", "What should I read next?",
                 "My colleague moved to another team.", "I have a new phone.", "We watched the match on Saturday.",
                 "She said: \"I live in Paris.\"", "I also like tea.", "There were 40 people at the party.",
                 "My friend works for Toyota.", "Thank you, that helped a lot!"),
    },
    "zh": {
        "dev": ("今天天气真好。", "你能推荐一本书吗？", "我还有一只狗。"),
        "test": ("昨天我去跑步了。", "谢谢你，很有帮助！", "我同事搬到新办公室了。", "我也喜欢喝茶。", "周末我们去看了电影。"),
    },
}  # fmt: skip
