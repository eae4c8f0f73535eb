"""Pairs as people chat: what changes a fact, and what only looks like it, one person a pair.

The templates of wording.py are short sentences of the kind the rules are for. Here the bait is what real talk is full of: other
people, other occasions, habits with a condition, states of a moment, figures of speech, other things of the same name.
Written before the rules were last changed; the ``test`` half was not looked at while they were.
"""

# ruff: noqa: E501  what belongs together stands in one row

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from memory_store.records import NewTurn

BEGAN = datetime(2026, 3, 2, 9, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Pair:
    """Two statements of one person, ``days`` apart; less than one: in one conversation."""

    older: str
    newer: str
    days: float = 30
    asked: str = ""
    """What the assistant said in between."""


HERE = 0.01
"""Days: a quarter of an hour later, in the same conversation."""

CHANGES: dict[str, dict[str, tuple[Pair, ...]]] = {
    "en": {
        "dev": (
            Pair("I live in Porto with my two cats.", "We packed everything and moved to Lisbon last weekend.", 60),
            Pair("I live in Graz, it's a quiet town.", "I live in Vienna, right behind the opera.", 300),
            Pair(
                "I work at Bosch in the test lab.", "Bye bye old office: I started a new job at Siemens on Monday!", 90
            ),
            Pair("Our rent is $900, which is fine.", "Bad news from the landlord, our rent went up to $1,050.", 120),
            Pair("I drive a Honda Civic.", "I now drive a Tesla and the garage is very quiet.", 200),
            Pair("I have a dog and she needs a lot of exercise.", "I no longer have a dog, sadly.", 400),
            Pair("I'm vegetarian, so no ham please.", "I'm not vegetarian anymore, doctor's orders.", 200),
            Pair("I'm single and happy with it.", "Guess what, I'm engaged!", 200),
            Pair("My favorite band is Muse.", "My favorite band is Wilco these days.", 90),
            Pair(
                "My dentist appointment is on Monday at 9.",
                "They called, my dentist appointment was moved to Thursday.",
                1,
            ),
            Pair("The wedding is on June 6.", "No wait, it was June 13.", HERE, "What a nice date."),
            Pair("I weigh too much: my weight is 88 kg.", "My weight is 84 kg now, the running helps.", 40),
            Pair("I eat meat nearly every day.", "I don't eat meat anymore.", 60),
            Pair("My sister Ida lives in Porto.", "My sister Ida moved to Faro.", 60),
            Pair("I play the cello.", "I stopped playing the cello.", 200),
            Pair("My phone number is 555 0101.", "My phone number has changed to 555 0199.", 60),
            Pair("My boss is Karen.", "My new boss is Anil.", 100),
            Pair("I keep my passport in the desk.", "I moved my passport to the bedroom safe.", 50),
            Pair("I'm allergic to cats.", "Turns out I'm not allergic to cats, it was the dust.", 50),
            Pair("I love horror movies.", "I don't love horror movies anymore.", 300),
        ),
        "test": (
            Pair("I live in Leeds near the canal.", "I moved to York in May and I love it here.", 80),
            Pair("We live in Toulouse.", "We live in Nantes, the kids love the sea.", 500),
            Pair("I work for Nokia as a tester.", "I took a job at Ericsson, same role but better pay.", 90),
            Pair("My salary is $52,000.", "My salary went up to $58,000, finally.", 300),
            Pair("I drive an old Volvo.", "I drive a Fiat now because parking is a pain.", 200),
            Pair("I have a motorcycle.", "I sold my motorcycle to a neighbour.", 200),
            Pair("I'm a vegan.", "I'm no longer vegan, but I still avoid milk.", 200),
            Pair("I'm engaged and terribly nervous.", "We're officially married!", 200),
            Pair("My favourite restaurant is Nopi.", "My favourite restaurant is now Barrafina.", 90),
            Pair("My driving test... I mean my exam is on Tuesday.", "My exam got postponed to Friday.", 1),
            Pair("The flight leaves at 9:15.", "Oops, I meant 9:50.", HERE, "Have a good trip!"),
            Pair("My shoe size is 43.", "My shoe size is 44 now, says the shop.", 300),
            Pair("I drink coffee all day long.", "I gave up coffee two weeks ago.", 60),
            Pair("My brother Paul works at Airbus.", "My brother Paul started working at Boeing.", 60),
            Pair("I smoke.", "I don't smoke anymore.", 200),
            Pair("My email is kim@old.org.", "My email is now kim@new.org.", 60),
            Pair("My therapist is Dr. Hale.", "My new therapist is Dr. Okafor, she's great.", 100),
            Pair("The spare key is under the mat.", "The spare key is with Ana now.", 50),
            Pair("I'm allergic to penicillin.", "I'm no longer allergic to penicillin, they tested it.", 50),
            Pair("I enjoy karaoke.", "I can't stand karaoke anymore.", 300),
        ),
    },
    "zh": {
        "dev": (
            Pair("我住在杭州，离西湖不远。", "我上个月搬到苏州了，房子大多了。", 60),
            Pair("我在百度上班，每天都很累。", "我跳槽到小米了！", 60),
            Pair("我们家的房租是三千块。", "房东说要涨，房租涨到三千五了。", 90),
            Pair("我老板是王总。", "我老板换成李总了。", 90),
            Pair("会议在周二上午。", "会议改到周四了，你帮我记一下。", 1),
            Pair("我养了一只猫，叫咪咪。", "我没有猫了，送给朋友了。", 300),
            Pair("我吃素。", "我不再吃素了。", 200),
            Pair("我喜欢吃香菜。", "我现在不喜欢吃香菜了。", 200),
        ),
        "test": (
            Pair("我现在住在武汉。", "我已经搬到长沙了，正在收拾。", 60),
            Pair("我在华为工作三年多了，我在华为工作。", "我换工作了，现在在比亚迪上班。", 60),
            Pair("我的体重是八十公斤，太胖了。我的体重是80公斤。", "我的体重降到75公斤了！", 90),
            Pair("我的牙医是陈医生。", "我的牙医换成了周医生。", 90),
            Pair("面试在周三。", "面试推迟到周五了。", 1),
            Pair("备用钥匙在鞋柜里。", "备用钥匙放在抽屉里了。", 30),
            Pair("我抽烟。", "我戒烟了，已经两个月了。我戒了烟。", 200),
            Pair("我喜欢喝咖啡。", "我不再喜欢喝咖啡了。", 200),
        ),
    },
}
"""Language -> ``dev`` and ``test`` -> pairs whose newer statement changes what the older one says."""

KEPT: dict[str, dict[str, tuple[Pair, ...]]] = {
    "en": {
        "dev": (
            Pair(
                "You asked about Mia: She lives in Paris and we talk every week.",
                "Ana, yes. She lives in Rome, near her mother.",
            ),
            Pair("Everyone works at Shell in our town.", "Everyone works at Google, it seems, in this neighbourhood."),
            Pair("I switched to Python for the backend.", "I switched to Rust for the parser and it flies."),
            Pair("I live in Porto.", "I moved to Sales in March, better boss, same pay."),
            Pair("We moved to Phase Two of the plan.", "We moved to Phase Three already, hooray."),
            Pair("My friend is called Anna.", "My friend is called Tom, he plays the bass."),
            Pair("My son is called Max.", "My son is called Leo and he just turned three."),
            Pair("My brother lives in Leeds.", "My brother lives in Cardiff, I have four of them, you know."),
            Pair("My budget is $500 for the laptop.", "My budget is $2,000 for the trip to Japan."),
            Pair("The meeting is on Friday.", "The meeting is on Monday, please remind me.", 11),
            Pair("My shift is on Tuesday.", "My shift is on Thursday.", 9),
            Pair("I have a meeting at noon.", "I don't have a meeting today.", 2),
            Pair("I have the time to cook today.", "I don't have the time to cook.", 2),
            Pair("I have a plan for the weekend.", "I don't have a plan anymore, to be honest, for any of this.", 2),
            Pair("Wow, I love the color!", "I don't like the color of the new sofa."),
            Pair("I'm engaged in a dispute with my landlord.", "I'm married and my wife calms me down."),
            Pair("My wife is Italian.", "My wife is Maria, you may remember her."),
            Pair("It will be a sprint for Siemens, I work for Siemens.", "It's Siemens, not a circus.", HERE),
            Pair("I'm going to Paris with Anna in May.", "No, it's for Sophie.", HERE, "Lovely. Is the ring for Anna?"),
            Pair("My password is expired.", "My password is accepted now."),
            Pair("Please rewrite this: Dear Sam, I live in Boston and I work at Acme. Yours, Kim", "I live in Denver."),
            Pair("Assume my salary is $80,000.", "My salary is $62,000 before taxes."),
            Pair("During the week I live in London.", "On weekends I live in Bath."),
            Pair("My favorite song on the album is Hurt.", "My favorite song on the album is Wish, by far."),
            Pair("The score is 3 to 1.", "The score is 0 to 2, what a match."),
            Pair("A table please, we're 4.", "This time we're 6."),
            Pair("I drink coffee every morning.", "I don't drink coffee after noon, it keeps me awake."),
            Pair("I like running.", "I don't like running in the rain."),
            Pair("I use Slack with my team.", "I don't use Slack on holidays."),
            Pair("I love tea.", "I don't like tea, I adore it."),
            Pair("I like the ending of that one.", "I hate the ending."),
            Pair("The deadline is March 30.", "The deadline is March 20 for the other paper.", 8),
            Pair("I work at night.", "I work at Christmas, too bad."),
            Pair("I have a cold.", "I don't have a cold."),
            Pair("Today my goal is 5 km.", "My goal is 10 pages a day."),
        ),
        "test": (
            Pair("About my old roommate, He lives in Dallas with his kids.", "My tutor? He lives in Boston."),
            Pair("Nobody lives in Springfield by choice.", "Nobody lives in Shelbyville either, ha."),
            Pair("We switched to Linux at the office.", "We switched to Notion for our notes."),
            Pair("I live in Lagos.", "I moved to Marketing last spring."),
            Pair("I just moved to Level Five in the game.", "I just moved to Level Nine!"),
            Pair("My colleague is named Priya.", "My colleague is named Jonas and he runs the lab."),
            Pair("My daughter is 5 years old.", "My daughter is 9 years old and loves chess."),
            Pair("My cousin's name is Ola.", "My cousin's name is Bayo, the one with the shop."),
            Pair("The price is $40 per seat.", "The price is $75 for the big one."),
            Pair("The class is at 6 pm.", "The class is at 7 am, so early.", 8),
            Pair("The call is on Wednesday.", "The call is on Tuesday.", 13),
            Pair("I have a question about my taxes.", "I don't have a question, I just wanted to say thanks.", 2),
            Pair("I have the energy for a run today.", "I don't have the energy for anything.", 2),
            Pair("I have an idea!", "I don't have an idea anymore where to begin.", 2),
            Pair("I like this version.", "I don't like this version at all."),
            Pair("I'm single-handedly running the shop.", "I'm engaged to Tom."),
            Pair("My boss is German.", "My boss is Petra."),
            Pair("I work for Siemens as a consultant.", "I'm a consultant, not a magician.", HERE),
            Pair(
                "The party is on Saturday and I still need a cake.",
                "No, it's on Monday.",
                HERE,
                "Is the bakery's day off on Sunday?",
            ),
            Pair("My username is taken.", "My username is unavailable there."),
            Pair("Translate this into French: I live in Geneva and I work at Rolex.", "I live in Oslo."),
            Pair("Say my rent is $900.", "My rent is $1,200 in reality."),
            Pair("In winter I live in Malaga.", "In summer I live in Bergen."),
            Pair("My favorite episode so far is Ozymandias.", "My favorite episode so far is Granite State."),
            Pair("The number is 42.", "The number is 17, the bus I mean."),
            Pair("There are many of us: we're 12.", "Next year we're 15."),
            Pair("I eat meat.", "I don't eat meat on Fridays."),
            Pair("I enjoy cooking.", "I don't enjoy cooking for big groups."),
            Pair("I take sugar.", "I don't take sugar with green tea."),
            Pair("I love the sea.", "I don't love the sea, I need it."),
            Pair("I like your idea.", "I don't like your idea this time."),
            Pair("The meeting is at 10 am.", "The meeting is at 2 pm, with the other team.", 6),
            Pair("I have a fever.", "I don't have a fever."),
            Pair("The budget is $300 for the party.", "The budget is $12,000, says the client."),
            Pair("My goal is 10,000 steps.", "My goal is 3 books a month."),
        ),
    },
    "zh": {
        "dev": (
            Pair("我老板是个好人。", "我老板是王总，你记得吧。"),
            Pair("我朋友叫小红。", "我朋友叫小明，他会弹吉他。"),
            Pair("预算是五千块，买电脑。", "预算是两万块，去日本。"),
            Pair("会议在周五。", "会议在周一，提醒我一下。", 11),
            Pair("我有一个问题。", "我没有问题了，谢谢。", 2),
            Pair("我喜欢这个颜色。", "我不喜欢这个颜色。"),
            Pair("我住在酒店。", "我住在朋友家。", 5),
            Pair("我住在上海。", "我住在三楼，没有电梯。"),
            Pair("我吃了饭。", "我没吃饭。", 1),
            Pair("我最喜欢的部分是开头。", "我最喜欢的部分是结局。"),
            Pair("我同事叫张伟。", "我同事叫李娜，很能干。"),
            Pair("她住在巴黎。", "她住在东京。"),
            Pair("价格是三百块。", "价格是五百块，大号的。"),
            Pair("我喜欢跑步。", "我不喜欢跑步的人。"),
            Pair("我和小张去北京。", "不，是小李。", HERE, "是小王开车吗？"),
            Pair("请帮我翻译：我住在北京。", "我住在大连。"),
        ),
        "test": (
            Pair("我室友是学生。", "我室友是小王。"),
            Pair("我同学叫陈晨。", "我同学叫刘洋，坐我后面。"),
            Pair("预算是三百块，给妈妈买礼物。", "预算是八千块，装修用。"),
            Pair("考试在周三。", "考试在周二。", 13),
            Pair("我有一个办法。", "我没有办法了。", 2),
            Pair("我喜欢那个结局。", "我不喜欢那个结局。"),
            Pair("我住在公司附近。", "我住在西安。"),
            Pair("我住在学校宿舍。", "我住在五楼。", 5),
            Pair("我喝了咖啡。", "我没喝咖啡。", 1),
            Pair("我最喜欢的地方是厨房。", "我最喜欢的地方是海边。"),
            Pair("我女儿叫朵朵。", "我女儿叫豆豆，今年三岁。"),
            Pair("他在腾讯工作。", "他在网易工作。"),
            Pair("目标是五公里。", "目标是每天十页，目标是10页。"),
            Pair("我喜欢吃鱼。", "我不喜欢吃鱼的时候说话。"),
            Pair("我周六去上海。", "不，是周一。", HERE, "银行周日休息吗？"),
            Pair("假设我的工资是一万。", "我的工资是八千。"),
        ),
    },
}
"""... and pairs that are no change, though a reader of sentence frames might think so."""


def turns_of(pair: Pair, name: str) -> list[NewTurn]:
    """What ``name`` said, and the assistant in between: source ids ``name-older`` and ``name-newer``."""
    later = BEGAN + timedelta(days=pair.days)
    talks = [f"{name}-1", f"{name}-1" if pair.days < 1 else f"{name}-2"]
    turns = [NewTurn(pair.older, name, talks[0], BEGAN, f"{name}-older")]
    if pair.asked:
        turns.append(NewTurn(pair.asked, "assistant", talks[0], BEGAN + timedelta(minutes=1), f"{name}-asked"))
    return [*turns, NewTurn(pair.newer, name, talks[1], later, f"{name}-newer")]
