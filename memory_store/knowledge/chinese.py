"""What a Chinese turn claims. As english.py: rather nothing than something wrong."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from memory_store.knowledge.claims import NOTHING, Claim, Correction, Reading
from memory_store.knowledge.values import values_in

_SENTENCE = re.compile(r"[^。！？!?；;\n]+[。！？!?；;\n]*")
_PART = re.compile(r"[，,、]|但是?|因为|所以|不过|而且")
_UNREAL = re.compile(
    r"如果|要是|假如|假设|也许|可能|大概|想要?|打算|希望|计划|准备|考虑|以前|曾经?|过去|原来|小时候|当年|那时"
    r"|他说|她说|他们说|听说|据说|说过|问|梦|要不|差点|几乎|应该会|会不会|就好了"
)
_QUOTED = re.compile(r"[“「『\"][^”」』\"]{2,}[”」』\"]")
_ADDS = re.compile(r"也|还有|另外|又(?!搬|换)|之一|都(?=是|在|喜欢|爱)")
_CHANGED = re.compile(r"现在|已经|不再|其实|改|换|搬|变|刚|最近|再也|戒|了$")
_FORGET = re.compile(r"(?:请)?(?:忘掉|忘了|忘记|别记|不要记)(?:我(?:之前|刚才)?(?:说过?|提过?)(?:的)?)?")
_CUE = re.compile(
    r"^(?:(?:哦|啊|呃|噢|抱歉|对不起|不好意思|等等)[，,。！ ]*)*"
    r"(?:不对|不是的?(?=[，,])|不(?=[，,])|其实|更正一下|更正|说错了|我说错了|我记错了|记错了|搞错了|弄错了)"
    r"[，,。：:！! ]*(?:我说错了|是我记错了|说错了)?[，,。 ]*"
    r"(?:那|这|它|他|她|时间|应该)*(?:应该)?(?:是|在|改成|叫)?(?P<rest>[^，,。！!？?]{1,16})[。！!]*$"
)
_NOT_BUT = re.compile(
    r"不是(?:在)?(?P<wrong>[^，,。是]{1,10})[，,]?(?:而)?(?:应该)?是(?:在)?(?P<value>[^，,。！!]{1,10})[。！!]*$"
)
_BUT_NOT = re.compile(
    r"是(?:在)?(?P<value>[^，,。是]{1,10})[，,]?(?:而)?不是(?:在)?(?P<wrong>[^，,。！!]{1,10})[。！!]*$"
)

_KIN = (
    "妹妹|姐姐|哥哥|弟弟|爸爸?|妈妈?|父亲|母亲|老公|老婆|丈夫|妻子|儿子|女儿|男朋友|女朋友|男友|女友|爷爷|奶奶|外公|外婆"
    "|老板|室友|经理|爸妈|父母"
)
_SAME = {"爸": "爸爸", "妈": "妈妈", "父亲": "爸爸", "母亲": "妈妈", "丈夫": "老公", "妻子": "老婆", "男友": "男朋友",
         "女友": "女朋友", "父母": "爸妈"}  # fmt: skip
_WHO = rf"(?:我们?(?:的)?(?P<kin>{_KIN})|(?P<i>我们?)|(?P<proper>小[\u4e00-\u9fff]))"
_ADV = r"(?:现在|目前|已经|最近|上个?月|上周|今年|去年|刚刚?|终于|又|就|一直|还是|还|仍然)*"
_PLACE = r"(?P<val>[\u4e00-\u9fffA-Za-z]{2,8}?)"
_END = r"(?=了?(?:[，,。！!；;\s]|$))"
_EVENT = (
    "会议|会|面试|考试|航班|飞机|火车|高铁|聚会|派对|婚礼|演唱会|比赛|截止日期|生日|预约|看牙|体检|手术|课|约会|聚餐"
    "|晚饭|讲座|演讲|答辩|快递"
)
_VALUED = (
    "房租|预算|工资|薪水|体重|身高|鞋码|密码|门牌号|电话号码|电话|手机号码?|号码|价格|年龄|学费|邮编|房间号|座位号"
    "|门禁码|目标"
)
_ROLE = "老板|经理|牙医|医生|房东|老师|教练|室友|导师|男朋友|女朋友|同桌|律师"
_STORED = "钥匙|护照|文件|充电器|梯子|钱包|证件|票|眼镜|雨伞|药箱|户口本|备用钥匙|工具箱"
_PERSON = re.compile(
    r"[小老阿大][\u4e00-\u9fff]|[赵钱孙李周吴郑王冯陈蒋沈韩杨朱秦许何吕张孔曹严金魏陶姜谢邹苏潘葛范彭鲁韦马方任袁柳唐薛雷贺"
    r"倪汤罗毕郝安常于傅齐康伍余顾孟黄萧尹姚邵汪毛戴宋熊董梁杜蓝席季贾江颜郭梅林徐邱骆高夏蔡田樊胡凌霍万卢莫房丁邓洪包左石崔吉"
    r"龚程邢陆段侯宁武刘龙叶黎白赖卓池温庄柴阎曾沙鞠丰关廖欧查谭易温向申尚杭章覃][\u4e00-\u9fff]{1,3}$"
)
"""A name as names are: a family name first, or 小王. "是个好人" names nobody."""
_NO_HOME = re.compile(
    r"酒店|宾馆|旅馆|民宿|医院|宿舍|附近|旁边|对面|隔壁|楼|层|公寓|房子|小区|别墅|郊区|市中心|乡下|农村|老家|朋友|同学|同事|亲戚"
    r"|父母|爸妈|家里|里$|边$"
)
"""Where one sleeps, and not in which town: both hold."""
_SEVERAL = re.compile(
    r"朋友|同学|同事|邻居|表[哥姐弟妹]|堂[哥姐弟妹]|孩子|女儿|儿子|哥哥|姐姐|弟弟|妹妹|学生|客户|徒弟|侄|外甥"
)
_LOOSE = re.compile(r"[这那你您他她它了到过的]|[^的]+的$|每|所有")
_TOPIC = re.compile(r"部分|地方|时候|时刻|一[集句首段章幕]|台词|片段")
_GIVEN = re.compile(
    r"(?:翻译|改写|润色|校对|修改|总结|概括|缩写|扩写|续写|分析|点评|检查|回复)[^。！？!?：:\n]{0,30}[：:\n]|^(?:请)?(?:扮演|你是一|假装)"
)
"""What follows is handed over to be worked on."""
_OURS = re.compile(r"^(?:我们?|咱们?)?(?:家里?的|的)?")
_VAGUE = re.compile(r"^(?:什么|哪|谁|这|那|它|一个|一家|新|家|学校|公司|一起|外面|这里|那里|这边|那边|别的|其他)")


@dataclass(frozen=True, slots=True)
class _Frame:
    relation: str
    pattern: re.Pattern[str]
    single: bool
    denied: bool
    changes: bool
    accepts: Callable[[str], bool]


def _of(*kinds: str) -> Callable[[str], bool]:
    return lambda value: any(one.kind in kinds for one in values_in(value))


def _frame(
    relation: str,
    pattern: str,
    accepts: Callable[[str], bool] = lambda value: not _VAGUE.match(value),
    *,
    single: bool = True,
    denied: bool = False,
    changes: bool = False,
) -> _Frame:
    return _Frame(relation, re.compile(pattern), single, denied, changes, accepts)


def _is_name(value: str) -> bool:
    return _PERSON.match(value) is not None or value.endswith(
        ("医生", "大夫", "老师", "律师", "教练", "先生", "女士", "总")
    )


def _is_home(value: str) -> bool:
    return not (_VAGUE.match(value) or _NO_HOME.search(value))


def _is_particular(value: str) -> bool:
    return not (_VAGUE.match(value) or _LOOSE.match(value) or value.endswith("的"))


def _is_lasting(value: str) -> bool:
    return _is_particular(value) and not re.search(
        r"问题|办法|想法|时间|机会|主意|计划|会$|事$|课$|考试|面试|约", value
    )


_ME = r"(?P<i>我)"
_NEVER = r"(?P<no>不再|再也不|从不|不)?"
_NO = r"(?P<no>不再|再也不|不怎么|不|没有?)?"
_HAN = r"[\u4e00-\u9fff]"
_FRAMES: tuple[_Frame, ...] = (
    _frame("live", rf"{_WHO}{_ADV}{_NO}{_ADV}(?:住在|定居在?){_PLACE}(?:那边|市)?{_END}", _is_home),
    _frame(
        "live",
        rf"{_WHO}{_ADV}{_NO}{_ADV}住(?![在了过得不院校进下满到几一二两三四五六七八九十]){_PLACE}{_END}",
        _is_home,
    ),
    _frame("live", rf"{_WHO}{_ADV}{_NO}{_ADV}在{_PLACE}(?:那边|市)?(?:居住|生活|定居|住){_END}", _is_home),
    _frame(
        "live",
        rf"{_WHO}{_ADV}(?:从{_HAN}{{2,6}})?搬(?:家)?(?:到|去|回)了?{_PLACE}(?:住|来|去|生活)?{_END}",
        _is_home,
        changes=True,
    ),
    _frame("work", rf"{_WHO}{_ADV}{_NO}{_ADV}在{_PLACE}(?:工作|上班|任职){_END}"),
    _frame("work", rf"{_WHO}{_ADV}(?:跳槽|换工作|换|调)(?:到|去)了?{_PLACE}(?:工作|上班)?{_END}", changes=True),
    _frame("work", rf"{_WHO}{_ADV}(?:从)?{_PLACE}(?:离职|辞职){_END}", denied=True, changes=True),
    _frame("job", rf"{_WHO}{_ADV}(?:的工作)是(?:一[名个位])?{_PLACE}{_END}"),
    _frame("name", rf"我们?(?:家)?(?:的)?(?P<np>{_HAN}{{1,5}}?){_ADV}(?:叫做?|名字(?:叫|是)|改名叫?){_PLACE}{_END}"),
    _frame(
        "favourite",
        rf"我{_ADV}最(?:喜欢|爱)(?:吃|喝|看|听|玩)?的(?P<np>{_HAN}{{1,6}}?){_ADV}"
        rf"(?:是|变成了?|换成了?|改成了?)(?P<val>[\u4e00-\u9fffA-Za-z《》]{{1,10}}?){_END}",
    ),
    _frame(
        "when",
        rf"(?:我们?)?(?:的)?(?P<np>(?:{_HAN}{{1,4}})?(?:{_EVENT}))(?:的?时间)?{_ADV}(?:已经|被)?"
        rf"(?:改|推迟|提前|延期|定|安排|换|约)?(?:在|到|成|是|于)了?(?:下|这|本)?(?P<val>[^，,。！!？?]{{2,12}}?){_END}",
        _of("weekday", "clock", "date"),
    ),
    _frame(
        "value",
        rf"(?:我们?)?(?:的)?(?P<np>(?:{_HAN}{{1,4}}的)?(?:{_VALUED})){_ADV}"
        rf"(?:是|改成|换成|变成|涨到|降到|调到|改为)了?(?P<val>[^，,。！!？?]{{1,14}}?){_END}",
        lambda value: any(mark.isdigit() for mark in value) or _of("number")(value),
    ),
    _frame("who", rf"我们?(?:的)?(?P<np>(?:{_ROLE})){_ADV}(?:是|换成了?|叫)(?P<val>{_HAN}{{2,4}}?){_END}", _is_name),
    _frame("where", rf"(?P<np>(?:{_STORED})){_ADV}(?:放|藏|收|挂|存)?在了?(?P<val>{_HAN}{{2,10}}?){_END}"),
    _frame(
        "where",
        rf"我{_ADV}把(?P<np>(?:{_STORED}))(?:放|藏|收|挂|移|挪)(?:在|到|进)了?(?P<val>{_HAN}{{2,10}}?){_END}",
    ),
    _frame("marital", rf"{_ME}{_ADV}(?:是)?(?P<val>单身|已婚|结婚|离婚|订婚){_END}"),
    _frame(
        "diet",
        rf"{_WHO}{_ADV}(?P<no>不再?)?{_ADV}(?:是|成了)?(?:一个)?(?P<val>吃素|素食者|纯素食者|素食主义者){_END}",
    ),
    _frame("allergic", rf"{_WHO}{_ADV}对(?P<val>{_HAN}{{1,6}}?)(?P<no>不再|不)?过敏{_END}", single=False),
    _frame(
        "like",
        rf"{_ME}{_ADV}{_NO}(?:很|非常|特别|真的|超级|最)?(?:喜欢|爱)(?:吃|喝|看|听|玩)?(?P<val>{_HAN}{{1,6}}?){_END}",
        _is_particular,
        single=False,
    ),
    _frame(
        "do",
        rf"{_ME}{_ADV}(?:每天|平时|经常|总是)?{_NEVER}(?:吃|喝|抽|玩|学|用|练|打|弹)(?P<val>{_HAN}{{1,5}}?){_END}",
        _is_particular,
        single=False,
    ),
    _frame("do", rf"{_ME}{_ADV}(?:戒|停)(?:掉)?了?(?P<val>{_HAN}{{1,4}}?){_END}", single=False, denied=True),
    _frame(
        "have",
        rf"{_ME}{_ADV}(?:养了?|有)(?:一|两)?[只条个辆台](?P<val>{_HAN}{{1,4}}?){_END}",
        _is_lasting,
        single=False,
    ),
    _frame(
        "have",
        rf"{_ME}{_ADV}(?:没有(?P<val>{_HAN}{{1,4}}?)了|把(?P<val2>{_HAN}{{1,4}}?)卖了?)",
        _is_lasting,
        single=False,
        denied=True,
    ),
)
"""Tried in this order; the first that fits a clause is taken."""


def read(text: str) -> Reading:
    """As :func:`memory_store.knowledge.claims.read`, for a text in Chinese."""
    claims: list[Claim] = []
    corrections: list[Correction] = []
    hidden = _QUOTED.sub(lambda match: "\x00" * len(match[0]), text)
    given = _GIVEN.search(hidden)
    for match in _SENTENCE.finditer(hidden[: given.start() if given else len(hidden)]):
        sentence = match[0]
        if re.search(r"[?？]|[吗呢么][。！!]*$", sentence):
            continue
        corrections += _corrections(sentence, match.start())
        if _UNREAL.search(sentence):
            continue
        forgets = _FORGET.search(sentence)
        start = forgets.end() if forgets else 0
        claims += _parts(sentence[start:], match.start() + start, denied=forgets is not None)
    return Reading(tuple(claims), tuple(corrections)) if claims or corrections else NOTHING


def _parts(sentence: str, offset: int, *, denied: bool) -> Iterator[Claim]:
    start = 0
    for cut in [*_PART.finditer(sentence), None]:
        clause = sentence[start : cut.start() if cut else len(sentence)]
        claim = _claim(clause, offset + start, denied=denied)
        if claim is not None:
            yield claim
        start = cut.end() if cut else 0


def _claim(clause: str, offset: int, *, denied: bool) -> Claim | None:
    adds = _ADDS.search(clause) is not None
    changed = denied or _CHANGED.search(clause.strip("。！!，, ")) is not None
    for frame in _FRAMES:
        match = frame.pattern.search(clause)
        if match is None:
            continue
        groups = match.groupdict()
        name = "val" if groups.get("val") else "val2"
        value = match[name].strip()
        thing = _OURS.sub("", groups.get("np") or "")
        if not value or not frame.accepts(value) or not _can_be_told(frame.relation, thing):
            continue
        no = denied or frame.denied or bool(groups.get("no"))
        if adds and frame.single and not no:
            return None
        subject = thing or _subject(groups)
        return Claim(
            subject, frame.relation, value, offset + match.start(name), frame.single, no, changed or frame.changes
        )
    return None


def _can_be_told(relation: str, thing: str) -> bool:
    """Whether there is one such thing, so that another value is a change."""
    if relation == "name":
        return not _SEVERAL.search(thing)
    return relation != "favourite" or not _TOPIC.search(thing)


def _subject(groups: dict[str, str | None]) -> str:
    kin = groups.get("kin")
    return groups.get("proper") or (_SAME.get(kin, kin) if kin else "i")


def _corrections(sentence: str, offset: int) -> Iterator[Correction]:
    for pattern in (_NOT_BUT, _BUT_NOT):
        match = pattern.search(sentence)
        if match is not None and "不是" not in match["value"]:
            kinds = [{one.kind for one in values_in(part)} for part in (match["value"], match["wrong"])]
            same = sorted(kinds[0] & kinds[1])
            yield Correction(match["value"], offset + match.start("value"), same[0] if same else "", match["wrong"])
            return
    cue = _CUE.match(sentence)
    if cue is not None:
        value = next(iter(values_in(cue["rest"])), None)
        more = "" if value is None else cue["rest"][value.start + len(value.text) :]
        if value is not None and value.start <= 2 and not re.search(r"[我你他她它咱没不有能会]", more):
            yield Correction(value.text, offset + cue.start("rest") + value.start, kind=value.kind)
