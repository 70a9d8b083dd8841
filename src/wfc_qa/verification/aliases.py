"""Names that go by other names: bodies, places and undertakings of Chinese finance, abbreviations included.

No dictionary holds them. Each line is one name; a claim that names it needs evidence that does, by whichever name.
"""

from __future__ import annotations

import re
from functools import lru_cache

from ..text.scripts import fold_text

REMEMBERED = 4096

# Chinese | English, each a pattern over folded text; English is whole words.
_LINES = """
成渝|chengdu[- /–]+chongqing|chongqing[- /–]+(?:and )?chengdu|chengdu and chongqing
人民银行|人行|央行|中国央行|people's bank of china|pboc?|central bank
发展改革委|发改委|发展和改革委员会|national development and reform commission|ndrc
财政部|ministry of finance|mof|finance ministry
商务部|ministry of commerce|mofcom|commerce ministry
交通运输部|交通部|ministry of transport|transport ministry
工业和信息化部|工信部|ministry of industry and information technology|miit
科技部|ministry of science and technology
外交部|ministry of foreign affairs|foreign ministry
农业农村部|ministry of agriculture
生态环境部|ministry of ecology
银保监会|china banking and insurance regulatory commission|cbirc|banking and insurance regulator
证监会|china securities regulatory commission|csrc|securities regulator
金融监管总局|金融监督管理总局|national financial regulatory administration|nfra
外汇局|外管局|外汇管理局|state administration of foreign exchange|safe|foreign exchange (?:administration|regulator)
审计署|national audit office
国资委|sasac
海关总署|customs administration
国务院|state council
全国人大常委会|人大常委会|standing committee of the national people's congress|npc standing committee
最高人民法院|最高法|supreme people's court
最高人民检察院|最高检|supreme people's procuratorate
高级人民法院|high people's court
成渝金融法院|chengdu-chongqing financial court
上海金融法院|shanghai financial court
北京金融法院|beijing financial court
上海证券交易所|上交所|shanghai stock exchange|sse
深圳证券交易所|深交所|shenzhen stock exchange|szse
北京证券交易所|北交所|beijing stock exchange
香港交易所|港交所|hong kong exchanges?(?: and clearing)?|hkex
新加坡交易所|新交所|singapore exchange|sgx
世界银行|world bank
亚洲开发银行|亚开行|asian development bank
亚投行|亚洲基础设施投资银行|aiib|asian infrastructure investment bank
国际货币基金组织|imf|international monetary fund
东盟|东南亚国家联盟|asean|association of southeast asian nations
欧盟|european union|eu
伦敦金融城|伦敦市|city of london
伦敦|london
董事协会|institute of directors|iod
江北嘴|jiangbeizui
陆家嘴|lujiazui
两江新区|liangjiang(?: new area)?
渝中|yuzhong
江北区|jiangbei district
渝北|yubei
沙坪坝|shapingba
贵州|guizhou
陕西|shaanxi
四川|(?<!重庆、)sichuan
云南|yunnan
广西|guangxi
湖北|hubei
湖南|hunan
广东|guangdong
浙江|zhejiang
江苏|jiangsu
甘肃|gansu
新疆|xinjiang
上海|shanghai
北京|beijing
深圳|shenzhen
广州|guangzhou
贵阳|guiyang
西安|xi'an
武汉|wuhan
昆明|kunming
天津|tianjin
香港|hong kong
澳门|macao|macau
台湾|taiwan
新加坡|中新|singapore
马来西亚|中马|malaysia
泰国|中泰|thailand
越南|中越|vietnam
印度尼西亚|印尼|indonesia
日本|中日|japan
韩国|中韩|korea
德国|中德|germany
英国|中英|united kingdom|uk|britain
美国|中美|united states
老挝|中老|laos
陆海新通道|land-sea (?:new )?(?:trade )?corridor|land and sea corridor|the corridor|corridor's|corridor|通道
中欧班列|china-europe (?:freight |railway )?(?:trains?|express|railway)
长江|yangtze
一带一路|belt and road|bri
数字人民币|digital yuan|digital rmb|digital renminbi|e-cny
智融惠畅|zhi rong hui chang
千里马|qianlima
渝金通|yu jin tong
渝金盾|yu jin dun
渝车出海|yu che chu hai
国务院督查室|state council inspection office
"""


def _pattern(line: str) -> re.Pattern[str]:
    han = [part for part in line.split("|") if re.search("[\u4e00-\u9fff]", part)]
    latin = [part for part in line.split("|") if part not in han]
    whole = [rf"(?<![a-z])(?:{'|'.join(latin)})(?![a-z])"] if latin else []
    return re.compile("|".join([*han, *whole]))


_ALIASES = [(line.split("|")[0], _pattern(line)) for line in _LINES.split("\n") if line]


@lru_cache(maxsize=REMEMBERED)
def find_aliases(text: str) -> dict[str, str]:
    """The names in ``text``, by what they are called here, each with how it is written."""
    folded = fold_text(text)
    return {name: match[0] for name, pattern in _ALIASES if (match := pattern.search(folded))}
