"""Words that turn a sentence round: opposites, in either language.

An embedding hardly tells "rose" from "fell"; a reader must.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from ..types import Span
from .scripts import fold_text

REMEMBERED = 4096


@dataclass(frozen=True, slots=True)
class Pole:
    """One end of a pair of opposites, "fall" of "trend"; ``high`` is the end named first in ``_PAIRS``."""

    axis: str
    high: bool

    @property
    def opposite(self) -> Pole:
        return Pole(self.axis, not self.high)


TREND = "trend"
RISE, FALL = Pole(TREND, True), Pole(TREND, False)

# axis: (Chinese, English) of one end, then of the other. English is whole words, Chinese stands anywhere.
_PAIRS: dict[str, tuple[tuple[str, str], tuple[str, str]]] = {
    TREND: (
        (
            r"增长|增加|增至|增到|增速|增幅|净增|增量|多增|上升|升至|攀升|上涨|涨至|涨幅|涨了|回升|提升|"
            r"提高|扩大|走高|走强|跃升|扩张|多出|多了|上调",
            r"gr[eo]w\w*|up(?=\s{2}| by\b| from\b| on (?:a|the)\b| year| about\b| around\b| some\b| nearly\b| over\b"
            r"| more\b| roughly\b| almost\b| just\b| at least\b)|r[io]s(?:e|es|en|ing)|increas\w*|(?:higher|larger|"
            r"more) than (?:a|in|at|last)|gain\w*|climb\w*|expand\w*|surg\w+|jump\w*|improv\w+|"
            r"widen\w*|accelerat\w*|soar\w*|added|strengthen\w*|upgrad\w+",
        ),
        (
            r"下降|减少|减至|减到|降至|降到|降幅|降低|下滑|缩减|萎缩|回落|跌|少增|净减|收缩|收窄|走低|"
            r"走弱|下调|负增长|缩小|减弱|削减|缩水|少了|降温|恶化|退步|倒退",
            r"f[ae]ll(?:s|en|ing)?(?! into)|down(?=\s{2}| by\b| from\b| on (?:a|the)\b| about\b| to  |[.,;]|$)|declin\w+|decreas\w+|drop(?:s|ped|ping)?|shr[aiu]nk\w*|"
            r"shrinking|reduc\w+|(?:lower|smaller|less|fewer) than (?:a|in|at|last)|"
            r"contract(?:ed|ing|s|ion)\b|narrow\w*|slow(?:ed|ing|s)\b|slid\w*|slump\w*|plung\w*|cut(?:s|"
            r"ting)?|weaken\w*|downgrad\w+|lost|negative growth|cooled|cooling|deteriorat\w+|worsen\w*|(?:wound|winding|scaled|scaling) (?:down|back)",
        ),
    ),
    "level": (
        (
            r"高于(?! )|高出|高(?= )",
            r"above(?!  )|higher(?! than  )|more expensive|dearer|pricier|costlier",
        ),
        (
            r"低于(?! )|低(?= )|便宜",
            r"below(?!  )|lower(?! than  )|cheaper|beneath",
        ),
    ),
    "agreement": (
        (
            r"(?<!不)一致(?!行动)|(?<!不)相符|(?<!不)吻合|[并毫]?[无没]有?(?:不同|不一致|差异|差别|分歧|出入|矛盾|区别)|相同",
            r"agree[sd]?|match(?:es|ed)?|consistent|coincid\w+|confirm each other|"
            r"(?:not|no|hardly) (?:differ\w*|disagree\w*|conflict\w*|contradict\w*|discrepan\w+|separate)|identical",
        ),
        (
            r"不一致|不符|不吻合|分歧|出入|矛盾|相差|差异|差别|不同|悬殊|有别|不相同",
            r"disagree\w*|do(?:es)? not (?:match|agree)|discrepan\w+|conflict\w*|inconsisten\w+|at odds|"
            r"differ\w*|diverg\w+|contradict\w*",
        ),
    ),
    "existence": (
        (
            r"成立|设立|组建|建立|启动|揭牌|上线|开通|开业|落户|创办|开办|发起|启用|推出|新设",
            r"establish\w*|launch\w*|found(?:ed|ing)|set(?:ting)? up|open(?:ed|s|ing)|creat\w+|"
            r"inaugurat\w+|start\w*|unveil\w*|introduc\w+",
        ),
        (
            r"取消|撤销|撤并|废止|终止|关闭|关停|停办|停业|叫停|解散|下线|停用|停止|暂停|中止|撤回|搁置|"
            r"注销|退出",
            r"cancel\w*|revok\w+|withdr[ae]w\w*|abandon\w*|(?:was|were|been|be) closed|clos(?:ed|ing) (?:down|its)|closures?|shut\w*|annul\w*|"
            r"dissol\w+|terminat\w+|(?:was|were|been|has|have|had) ended|abolish\w*|scrapp\w+|suspend\w*|halt\w*|dismantl\w+|"
            r"discontinu\w+|repeal\w*|wound (?:up|down)",
        ),
    ),
    "leave": (
        (
            r"批准|同意|通过|核准|允许|准许|准予|支持|鼓励|赞成|促进|推动|放宽",
            r"approv\w+|allow\w*|permit\w*|support\w*|encourag\w+|endors\w+|promot\w+|eas(?:e|es|ed|ing)|"
            r"relax\w*|loosen\w*",
        ),
        (
            r"否决|驳回|拒绝|禁止|反对|限制|阻止|严禁|不准|不予|收紧|抑制|阻碍",
            r"reject\w*|refus\w+|prohibit\w*|bann(?:ed|ing)|bans? on|forb[ai]d\w*|oppos\w+|restrict\w*|"
            r"discourag\w+|tighten\w*|block(?:ed|s|ing)|den(?:y|ied|ies)|hinder\w*",
        ),
    ),
    "rank": (
        (
            r"最大|最高(?![人法检立])|最多|最早|最快|最好|最强|最长|首位|榜首|居首",
            r"largest|biggest|highest|most|earliest|fastest|best|strongest|longest|greatest|top",
        ),
        (
            r"最小|最低|最少|最晚|最慢|最差|最弱|最短|末位|垫底|居末",
            r"smallest|lowest|fewest|least|latest|slowest|worst|weakest|shortest|bottom|last place",
        ),
    ),
    "home": (
        (
            r"境内|国内|内资|本外币境内|在岸",
            r"domestic\w*|at home|onshore|inbound",
        ),
        (
            r"境外|国外|海外|外资|离岸",
            r"overseas|abroad|offshore|outbound",
        ),
    ),
    "flow": (
        (
            r"流入|进口|顺差|盈利|盈余|买入|净流入|转入",
            r"inflows?|imports?|surplus\w*|profits?|bought|buys?",
        ),
        (
            r"流出|出口(?!商会)|逆差|亏损|赤字|卖出|净流出|转出",
            r"outflows?|exports?|deficits?|loss(?:es)?|sold|sells?",
        ),
    ),
    "owner": (
        (
            r"(?<![我中])国有(?!了)|国企|公有|央企",
            r"state-owned|public-sector",
        ),
        (
            r"民营|民企|私营|私有",
            r"private(?:ly)?(?:-owned)?",
        ),
    ),
    "term": (
        (
            r"长期|中长期|远期",
            r"long[- ]term|long[- ]run",
        ),
        (
            r"短期|近期",
            r"short[- ]term|short[- ]run",
        ),
    ),
    "order": (
        (
            r"首次|首个|首家|首批|第一",
            r"first",
        ),
        (
            r"最后一?[次个家批]|末次|末批",
            r"(?<!the )last (?:batch|time|of all)|final",
        ),
    ),
    "pace": (
        (
            r"加快|加速|提速|提前|尽快",
            r"faster|(?:gather|pick)\w* (?:up )?(?:pace|speed)|quick\w*|speed\w*|accelerat\w+|ahead of|hasten\w*|early",
        ),
        (
            r"放缓|减速|推迟|延期|延后|拖延|滞后",
            r"slower|slow(?:ed|ing)? down|postpon\w+|delay\w*|defer\w*|put off|lag\w*",
        ),
    ),
    "proof": (
        (
            r"已证实|得到证实|确认|已核实|确凿",
            r"(?<!un)confirm\w*|verified|proved|certain",
        ),
        (
            r"未经证实|未证实|未核实|尚未确认|存疑|没有?(?:得到|经过)?证实|[没无]人证实|未(?:获|得到)证实|有待证实",
            r"(?:not|nobody has|no one has|never|yet to be) (?:been |yet )?(?:been )?(?:confirmed|verified)|unconfirmed|unproven|unverified|doubtful",
        ),
    ),
    "side": (
        (
            r"东部|东侧|东方|东面",
            r"east(?:ern)?",
        ),
        (
            r"西部|西侧|西方|西面",
            r"west(?:ern)?",
        ),
    ),
    "pole": (
        (
            r"北部|北方|以北|华北",
            r"north(?:ern)?",
        ),
        (
            r"南部|南方|以南|华南",
            r"south(?:ern)?",
        ),
    ),
    "part": (
        (
            r"包括|包含|涵盖|纳入|计入",
            r"includ\w+|cover\w*|compris\w+|contain\w*",
        ),
        (
            r"不含|不包括|剔除|除外|排除|扣除",
            r"exclud\w+|except\w*|net of",
        ),
    ),
    "share": (
        (
            r"多数|大部分|大多",
            r"majority|mostly|most of",
        ),
        (
            r"少数|小部分",
            r"minority|few of|hardly any",
        ),
    ),
    "outcome": (
        (
            r"成功|达成|完成|实现",
            r"succe\w+|achiev\w+|complet\w+|accomplish\w*",
        ),
        (
            r"失败|落空|未果|流产|破裂",
            r"fail\w*|unsuccessful\w*|collaps\w+|fell through",
        ),
    ),
    "together": (
        (
            r"共同|联合|合作|携手|共建",
            r"joint\w*|together|cooperat\w+|co-\w+|shared?",
        ),
        (
            r"单独|独自|独立|各自|分别印发",
            r"alone|independent\w*|separate\w*|on its own|by itself|single-handed\w*",
        ),
    ),
    "since": (
        (
            r"同比|较上年|比上年|上年同期|一年前",
            r"year (?:earlier|before|ago)|year[- ]on[- ]year|twelve months (?:earlier|before)",
        ),
        (
            r"环比|[较比]上[季月]|上[季月]末|上个月|上季度",
            r"(?:month|quarter) (?:earlier|before|ago)|(?:month|quarter)[- ]on[- ](?:month|quarter)",
        ),
    ),
    "force": (
        (
            r"强制|必须|务必",
            r"must|mandatory|compulsory|obligatory|required",
        ),
        (
            r"自愿|可以不|任选|可选",
            r"voluntar\w+|optional\w*|may choose",
        ),
    ),
}
# Ends that nobody names for the sake of variety: said of what the evidence does not say it of, they are news.
UNWELCOME = frozenset(
    {Pole(axis, False) for axis in ("existence", "leave", "outcome", "pace", "owner", "since")}
    | {Pole(axis, True) for axis in ("owner", "proof", "agreement")}
)
_POLES = [
    (Pole(axis, high), re.compile(rf"{zh}|\b(?:{en})\b"))
    for axis, ends in _PAIRS.items()
    for high, (zh, en) in zip((True, False), ends, strict=True)
]


@lru_cache(maxsize=REMEMBERED)
def find_poles(text: str) -> frozenset[Pole]:
    """The ends of pairs of opposites that ``text`` names; its marks blanked, so that a comparison word before one is
    none."""
    folded = fold_text(text)
    found = {
        pole: spans
        for pole, pattern in _POLES
        if (spans := [match.span() for match in pattern.finditer(folded)])
    }
    # "Confirmed" within "not confirmed" is not its opposite.
    return frozenset(
        pole
        for pole, spans in found.items()
        if not all(_within(span, found.get(pole.opposite, ())) for span in spans)
    )


def pole_spans(folded: str, poles: frozenset[Pole]) -> list[Span]:
    """Where ``folded`` names one of ``poles``."""
    return [
        Span(*match.span()) for pole, pattern in _POLES if pole in poles for match in pattern.finditer(folded)
    ]


def _within(span: tuple[int, int], others: Sequence[tuple[int, int]]) -> bool:
    return any(start <= span[0] and span[1] <= end and (start, end) != span for start, end in others)


def find_trends(folded: str) -> list[Span]:
    """Where ``folded`` says that something rose or fell."""
    return [
        Span(*match.span())
        for pole, pattern in _POLES
        if pole.axis == TREND
        for match in pattern.finditer(folded)
    ]
