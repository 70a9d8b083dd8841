"""Two parties that change places are doubted; each in its own place, they pass."""

from __future__ import annotations

import pytest

from wfc_qa.engine import Engine
from wfc_qa.text.language import detect_language
from wfc_qa.verification.roles import find_other_roles

FINANCED = "提供融资5986亿元"
CREDIT = "granted credit lines of 767.373 billion yuan"
CHEAPER = "1.03 percentage points below"
BRAINS = "financial brain and"


def doubted(engine: Engine, claim: str, holding: str) -> bool:
    paragraphs = [one for head in engine.heads() for one in engine.paragraphs(head.doc_id)]
    ids = [one.paragraph_id for one in paragraphs if holding in one.text]
    proofs = engine.verifier.proofs(engine.generation.store.cited(ids))
    assert proofs, holding
    return any(find_other_roles(engine.verifier.read(claim, detect_language(claim)), proofs))


@pytest.mark.parametrize("unit", ["为", "a grant ", "a helps ", "1 . "])
def test_a_run_without_a_stop_holds_no_parties(engine: Engine, unit: str) -> None:
    """Nobody's clause is that long, and to read it would take its length to the third power."""
    claim = unit * (2000 // len(unit))
    assert not doubted(engine, claim, CREDIT)


@pytest.mark.parametrize(
    ("claim", "holding"),
    [
        ("The corridor extended 598.6 billion yuan to Chongqing's banking industry.", FINANCED),
        ("西部陆海新通道为重庆银行业提供融资5986亿元。", FINANCED),
        ("Banks and insurers received credit lines from the major 2023 projects.", CREDIT),
        ("Financing at home cost 1.03 percentage points less than cross-border financing.", CHEAPER),
        ('The "渝金盾" financial brain and the "渝金通" risk brain are new paradigms.', BRAINS),
        ("“渝金盾”金融大脑和“渝金通”风险大脑是新范式。", BRAINS),
    ],
)
def test_parties_that_change_places_are_doubted(engine: Engine, claim: str, holding: str) -> None:
    assert doubted(engine, claim, holding)


@pytest.mark.parametrize(
    ("claim", "holding"),
    [
        ("Chongqing's banking industry extended 598.6 billion yuan to the corridor.", FINANCED),
        ("重庆银行业为西部陆海新通道提供融资5986亿元。", FINANCED),
        ("The major 2023 projects received credit lines from banks and insurers.", CREDIT),
        ("Cross-border financing cost 1.03 percentage points less than financing at home.", CHEAPER),
        ('The "渝金通" financial brain and the "渝金盾" risk brain are new paradigms.', BRAINS),
        ("“渝金通”金融大脑和“渝金盾”风险大脑是新范式。", BRAINS),
    ],
)
def test_parties_in_their_own_places_pass(engine: Engine, claim: str, holding: str) -> None:
    assert not doubted(engine, claim, holding)
