"""What a date is asked of: the day that a road was measured is not the day that it was built."""

from __future__ import annotations

from collections.abc import Sequence

from ..text.scripts import fold_text
from .evidence import Evidence
from .wants import words

# What a question calls the event, and what a paragraph may call it.
EVENTS = [
    (
        words(r"建成|落成|竣工|完工|修建|建好|动工|\b(?:built|constructed)\b|\bcompleted\b"),
        words(r"建|落成|竣工|完工|修|动工|\bbuil[dt]|\bcomplet|\bfinish|\bconstruct|\bset up\b"),
    ),
    (
        words(
            r"通过(?=[的了？?。]|$)|(?:审议|会议|何时|时候|哪[天日年])通过|批准|获批|核准|\b(?:adopted|approved|passed|ratified)\b"
        ),
        words(r"通过|审议|批|同意|核准|决定|\badopt|\bapprov|\bpass|\bratif|\bendors|\bdecid"),
    ),
    (
        words(
            r"开庭|受理|审理|首案|第一(?:案|起案|个案)|\b(?:hear|heard|try|tried)\b|\bfirst (?:case|hearing|trial)\b"
        ),
        words(r"开庭|受理|审理|办理|判决|首案|\bhear|\btri(?:al|ed)|\bhandl|\baccept|\brul(?:ed|ing)"),
    ),
    (words(r"签署|签订|签约|\bsigned\b"), words(r"签|\bsign|\bagreement|\bmemorandum")),
    (
        words(r"开业|开通|通车|启用|投用|投入使用|开张|\bopen(?:ed|s|ing)?\b|\b(?:go|goes|went) live\b"),
        words(
            r"开业|开通|通车|启用|投[用入]|揭牌|挂牌|成立|设立|启动|上线|运行|试点|\bopen|\blaunch|\bunveil|\bestablish"
            r"|\bset up\b|\bstart|\bbegan|\blive\b|\binaugurat|\bpilot"
        ),
    ),
    (
        words(r"上任|任命|就任|接任|\bappointed\b|\btook office\b"),
        words(r"上任|任|\bappoint|\btook office|\bnamed\b"),
    ),
]


def tells_event(question: str, chosen: Sequence[Evidence]) -> bool:
    """Whether a paragraph of ``chosen`` tells of each event that ``question`` names."""
    folded = fold_text(question)
    told = [fold_text(evidence.passage.passage.text) for evidence in chosen]
    return all(any(map(said.search, told)) for asked, said in EVENTS if asked.search(folded))
