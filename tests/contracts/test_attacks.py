"""docs/signatures.md names a test for each attack that signatures have to survive; they are all
there.
"""

from __future__ import annotations

import pytest

from tests.contracts.test_security_doc import NAMED, is_there
from tests.ground.parts import ROOT

PAGE = (ROOT / "docs" / "signatures.md").read_text(encoding="utf-8")
TABLE = [line.strip("|").split(" | ") for line in PAGE.splitlines() if "::test_" in line]
# What was asked for before anything was built.
ASKED = ("changed between", "sent again", "of another ticket", "another person", "revoked",
         "clock", "two sheets", "the receiver is the witness", "deputy", "does not extend",
         "cut short", "another order", "another tree")


def test_every_attack_has_a_test_that_is_there() -> None:
    assert len(TABLE) >= len(ASKED)
    for attack, tests in TABLE:
        named = NAMED.findall(tests)
        assert named, attack
        assert [each for each in named if not is_there(*each)] == [], attack


@pytest.mark.parametrize("attack", ASKED)
def test_no_attack_is_forgotten(attack: str) -> None:
    assert [row for row in TABLE if attack in row[0]], attack
