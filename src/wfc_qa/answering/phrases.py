"""The phrases of a question that its evidence must answer to: what is counted, joined, compared, asked for, done."""

from __future__ import annotations

from collections.abc import Callable

from ..retrieval.terms import Terms, Word
from ..text.scripts import fold_text
from ..types import Language
from .wants import Want, words

# The deed or post that "who" and "when" ask about.
DEEDS = {
    Language.ZH: words(
        r"(?P<before>[\u4e00-\u9fff]{2,4})(?:是|为)谁|(?:谁|何时|什么时候|哪一?[年月天日])(?P<after>[\u4e00-\u9fff]{2,3})"
    ),
    Language.EN: words(
        r"\bwho (?:(?:is|are|was|were|has|have|had|did|will) )?(?:the )?(?P<after>[a-z]+)(?P<before>)"
    ),
}
COUNTED_BEFORE = words(
    r"(?P<noun>[\u4e00-\u9fff]{2,8}?)(?:一共|总共|共)?(?:有|是)?(?:多少|(?<!第)几)[家个项名位笔件条次种只款座所](?![\u4e00-\u9fff])"
)
JOINTS = {Language.ZH: words(r"[、和与及]|以及"), Language.EN: words(r"\b(?:and|,)\b")}
TOPIC = {
    Language.ZH: words(
        r"(?:^|[的，。在]|(?<=[a-z0-9]))(?P<phrase>[\u4e00-\u9fff]{2,8}?)(?:一共|总共|各自?|分别|到底|究竟)?(?:是|有|为|达到?)?"
        r"(?:什么(?!时候)|多少|多大|多高|谁|哪(?!一?[年月天日]))|(?:什么(?!时[候间])|哪些|哪[一两三几]?[个种类项家份])(?P<after>[\u4e00-\u9fff]{2,6})"
    ),
    Language.EN: words(
        r"\bwh(?:at|ich) (?:(?:is|are|was|were) )?(?:the |an? )?(?P<phrase>(?:[a-z-]+ ){0,3}?[a-z-]+)"
        r"(?= (?:of|in|at|for|by|to|during|from|on|under|with|that|is|are|was|were|did|does|do|has|have|had|can|will)\b"
        r"|[?.,]|$)"
        r"|\b(?:which|what) (?:[a-z-]+ )?(?P<actor>banks?|compan(?:y|ies)|firms?|departments?|countr(?:y|ies))\b"
        r"|\bhow much of .{1,80} (?:is|are|was|were) (?P<after>[a-z-]+)[?.]?$"
    ),
}
KINDS_OF_THING = frozenset(
    "比重 比例 占比 份额 增速 增幅 增长 增加 变化 同比 余额 总额 金额 规模 数量 数字 数 城市 地方 地区 日期 时间 时点"
    " 年份 截至 文件 文号 内容 名称 全称 部门 机构 单位 作用 地位 情况 水平"
    " date day year years month time share size total number amount value rate percentage part city place name title"
    " document number body bodies department agency organisation kind kinds type types sector level figure figures"
    " purpose role increase growth change thing things".split()
)
PHRASE_END = {
    Language.ZH: words(r"[的是在于从到有被将，。？?！、和与及（(]|分别|各|什么|哪|多少"),
    Language.EN: words(
        r"[,;:?!.](?!\d)|\b(?:and|or|is|are|was|were|did|do|does|had|has|have|between|than|respectively|which|what|in|at)\b"
    ),
}
NAME_END = words(r"[是在于从到有被将，。？?！、和与及（(]|分别|各|什么|哪|多少")
SIDES = {
    Language.ZH: words(r"(?<=[^\s、])(?:[和与及]|以及|还是)(?=[^\s])"),
    Language.EN: words(r"(?<=[a-z]) (?:and|or) (?=[a-z])"),
}
# Where the last word before a joint stands: "钱包数" ends in what is no word of its own.
TAIL = {Language.ZH: 6, Language.EN: 16}
# A Chinese deed of one character does not bind.
DEED = 2
CHANGE = words(r"变|增|升|降|到|和|与|，")
COUNTED = {
    Language.ZH: words(
        r"(?:多少|(?<!第)几)(?:家|个|项|名|位|笔|件|条|次|种|只|款|座|所|份|列|场|间)?(?P<noun>[\u4e00-\u9fff]{1,10})?"
    ),
    Language.EN: words(r"\bhow many (?P<noun>[a-z-]+(?: [a-z-]+){0,3})"),
}


def find_counted(text: str, language: Language, terms: Terms) -> tuple[Word, ...]:
    """The heads of the counted nouns: the last word of "金融机构" and of "major reforms"."""
    nouns = [fold_text(match["noun"] or "") for match in COUNTED[language].finditer(text)]
    nouns = [noun for noun in nouns if not CHANGE.match(noun)]
    if language is Language.ZH:
        nouns = [noun for noun in nouns if noun] or [
            fold_text(m["noun"]) for m in COUNTED_BEFORE.finditer(text)
        ]
        heads = (_last_word(noun, terms) for noun in nouns)
    else:
        plurals = (
            [part for part in noun.split() if part.endswith("s")] or noun.split()[:1] for noun in nouns
        )
        heads = (
            next((w for w in terms.words if parts and parts[0] in w.text.split()), None) for parts in plurals
        )
    return tuple(head for head in heads if head)


def _last_word(noun: str, terms: Terms) -> Word | None:
    found = [(noun.rfind(w.text) + len(w.text), w) for w in terms.words if w.text in noun and not w.stray]
    return max(found, key=lambda pair: pair[0])[1] if found else None


def find_joined(text: str, language: Language, terms: Terms) -> tuple[tuple[Word, ...], ...]:
    """The words next to every joint: "存款、贷款和保费收入" asks for all three. A Chinese name ends in what it is."""
    found: list[tuple[Word, ...]] = []
    for joint in JOINTS[language].finditer(text):
        before, after = text[: joint.start()].rstrip(), text[joint.end() :].lstrip()
        first = _words_in(before[-TAIL[language] :], terms)[-1:]
        last = [word for word in terms.words if after.startswith(word.text) and not word.stray][:1]
        if last and language is Language.ZH:
            last = _words_in(NAME_END.split(after, maxsplit=1)[0], terms)[-2:]
        # Between two dates nothing is joined but the dates.
        if first and last:
            found += [tuple(first), tuple(last)]
    return tuple(dict.fromkeys(found))


def find_sides(text: str, language: Language, terms: Terms) -> tuple[tuple[Word, ...], ...]:
    """The words of the two phrases around the first joint, as far as each goes."""
    joint = SIDES[language].search(text)
    if joint is None:
        return ()
    end = PHRASE_END[language]
    before, after = end.split(text[: joint.start()])[-1], end.split(text[joint.end() :], maxsplit=1)[0]
    sides = tuple(tuple(_words_in(part, terms)) for part in (before, after))
    return sides if all(sides) else ()


def _words_in(text: str, terms: Terms) -> list[Word]:
    """The dictionary's words in ``text``, in order."""
    return sorted(
        (word for word in terms.words if word.text in text and not word.stray),
        key=lambda word: text.rfind(word.text),
    )


def find_topic(text: str, language: Language, terms: Terms) -> tuple[Word, ...]:
    """The phrase that stands where the answer goes, "目标" of "规划的目标是什么", without words that only say what
    kind of thing an answer is."""
    phrases = [
        next((part for part in match.groups() if part), "") for match in TOPIC[language].finditer(text)
    ]
    found = dict.fromkeys(word for phrase in phrases for word in _words_in(phrase, terms))
    return tuple(word for word in found if word.text not in KINDS_OF_THING)


def find_deed(
    text: str, wants: frozenset[Want], language: Language, terms: Terms, frequency: Callable[[str], int]
) -> Word | None:
    """What the evidence has to speak of: the deed that "who" asks the doer of; the one "when" asks about only where no
    passage knows the word, since "set up" and "founded" are one."""
    match = DEEDS[language].search(fold_text(text)) if wants & {Want.WHO, Want.DATE} else None
    if match is None:
        return None
    after, before = (match[name] or "" for name in ("after", "before"))
    found = [word for word in terms.words if after and after.startswith(word.text) and word.text != "为止"]
    found += [word for word in terms.words if before and before.endswith(word.text)]
    deed = max(found, key=lambda word: len(word.text), default=None)
    if deed is not None and language is Language.ZH and len(deed.text) < DEED:
        # "开" and "出" are said in many ways.
        return None
    if deed is None or Want.WHO in wants:
        return deed
    unheard = not deed.translations and 0 in map(frequency, deed.terms)
    return deed if unheard else None
