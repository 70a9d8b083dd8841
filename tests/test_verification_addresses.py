"""A link in a sentence stands letter by letter in the paragraph cited, or the sentence is not proved."""

from __future__ import annotations

import pytest

from wfc_qa.engine import Engine
from wfc_qa.types import Language, Support
from wfc_qa.verification.addresses import find_unsaid_addresses

SAID = "In 2023 the value added of Chongqing's financial sector was 259.1 billion yuan, or 8.6% of GDP"


@pytest.mark.parametrize(
    "address",
    [
        *("https://evil.example/?q=8.6", "www.evil.example", "evil.example/log", "javascript:alert(1)"),
        *(
            "mailto:a@evil.example",
            "clerk@evil.example",
            "gdp.com",
            "https://www.ichongqing.info.evil.example/",
        ),
    ],
)
def test_an_address_that_no_paragraph_gives_is_not_proved(engine: Engine, address: str) -> None:
    rows = engine.generation.store.passages(range(len(engine.generation.vectors)))
    [row] = [row for row in rows if SAID in row.passage.text]
    verify = engine.verifier.verify
    assert verify(f"{SAID}.", Language.EN, [row]).support is Support.SUPPORTED
    verdict = verify(f"{SAID} ({address}).", Language.EN, [row])
    assert verdict.support is not Support.SUPPORTED
    own = row.paragraph.source
    assert own
    proofs = engine.verifier.proofs([row])
    assert list(find_unsaid_addresses(f"{SAID} ({own}).", proofs)) == []
    assert list(find_unsaid_addresses(f"{SAID} ({own}x).", proofs))
