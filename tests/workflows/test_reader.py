"""A definition is read whole or refused with every place that has no sense."""

import pytest

from workflows import BadDefinition, Span, canonical, digest, load, loads, restore

SMALL = """
[workflow]
name = "small"
version = 1
initial = "open"
languages = ["en"]
title = { en = "Small" }

[vocabulary]
relations = ["holder"]

[states.open]
kind = "waiting"
title = { en = "open" }
timers = [{ name = "late", after = "2d", tells = "relation:holder" }]

[states.shut]
kind = "final"
outcome = "done"
requires = { check = "seen" }
title = { en = "shut" }

[moves.shut]
title = { en = "Shut" }
from = ["open"]
to = "shut"
may = ["relation:holder"]
"""


def findings(text: str) -> dict[str, str]:
    with pytest.raises(BadDefinition) as bad:
        loads(text)
    return {finding.place: finding.problem for finding in bad.value.findings}


def test_a_small_definition_is_read():
    small = loads(SMALL)

    assert list(small.states) == ["open", "shut"]
    assert small.states["open"].timers[0].after == Span(2, "d")
    assert small.moves["shut"].sources == ("open",)
    assert small.moves["shut"].reason == "off"


def test_the_canonical_body_is_read_back_as_it_was(shipped):
    again = restore(canonical(shipped))

    assert again == shipped
    assert list(again.moves) == list(shipped.moves)
    assert list(again.states) == list(shipped.states)
    assert digest(again) == digest(shipped)


def test_the_digest_is_of_what_is_said_and_not_of_how_it_is_written(shipped):
    small = loads(SMALL)

    assert digest(loads("# a remark\n" + SMALL.replace('"off"', '"off"'))) == digest(small)
    assert digest(loads(SMALL + 'reason = "off"\n')) == digest(small)
    assert digest(loads(SMALL + 'reason = "allowed"\n')) != digest(small)
    assert len(digest(small)) == 64


@pytest.mark.parametrize(("old", "new", "place"), [
    ('kind = "waiting"', 'kind = "waitng"', "states.open.kind"),
    ('to = "shut"', "to = 3", "moves.shut.to"),
    ('to = "shut"', 'too = "shut"', "moves.shut.to"),
    ('to = "shut"', 'to = "shut"\ncolour = "red"', "moves.shut.colour"),
    ('from = ["open"]', "from = []", "moves.shut.from"),
    ('from = ["open"]', 'from = [""]', "moves.shut.from"),
    ('may = ["relation:holder"]', 'may = ["holder"]', "moves.shut.may"),
    ('after = "2d"', 'after = "2 days"', "states.open.timers[0].after"),
    ('after = "2d"', 'after = "0h"', "states.open.timers[0].after"),
    ('after = "2d"', 'every = "2d"', "states.open.timers[0]"),
    ('after = "2d"', 'after = "2d", at_field = "until"', "states.open.timers[0]"),
    ("version = 1", 'version = "1"', "workflow.version"),
    ("version = 1", "version = true", "workflow.version"),
    ("version = 1", "version = 0", "workflow.version"),
    ('title = { en = "open" }', 'title = "open"', "states.open.title"),
    ("[states.open]", "[states.Open]", "states.Open"),
    ("[vocabulary]", "[vocabularies]", "vocabulary"),
    ("[moves.shut]", "[moves]\nopen = 1\n[moves.shut]", "moves.open"),
])
def test_what_has_no_sense_is_named_with_its_place(old, new, place):
    assert place in findings(SMALL.replace(old, new))


@pytest.mark.parametrize(("more", "place"), [
    ('signatures = [{ by = "boss", meaning = "agrees" }]', "moves.shut.signatures[0].by"),
    ('signatures = "all"', "moves.shut.signatures"),
    ('handoff = { to = ["role:x"], authority = "yes" }', "moves.shut.handoff.authority"),
    ('handoff = { whom = ["role:x"] }', "moves.shut.handoff.whom"),
    ('reason = "sometimes"', "moves.shut.reason"),
    ('[moves.shut.fields.how]\nkind = "choice"\ntitle = { en = "How" }',
     "moves.shut.fields.how.choices"),
    ('[moves.shut.fields.how]\nkind = "number"\ntitle = { en = "How" }',
     "moves.shut.fields.how.kind"),
    ('[carry_over.first]\nopen = "open"', "carry_over.first"),
    ("[moves.shut.fields]\nhow = 1", "moves.shut.fields.how"),
])
def test_what_is_added_without_sense_is_named_too(more, place):
    assert place in findings(f"{SMALL}{more}\n")


def test_all_faults_are_named_at_once():
    broken = SMALL.replace('kind = "waiting"', 'kind = "w"').replace('to = "shut"', "to = 3")

    assert {"states.open.kind", "moves.shut.to"} <= findings(broken).keys()


def test_what_is_no_definition_at_all_is_refused():
    assert "the definition" in findings("this is = = no TOML")
    with pytest.raises(BadDefinition):
        restore(b"\xff")
    with pytest.raises(BadDefinition):
        restore(b'{"states": [1]}')
    with pytest.raises(BadDefinition):
        restore(b"[]")


def test_a_file_that_cannot_be_read_is_refused(tmp_path):
    with pytest.raises(BadDefinition, match="cannot be read"):
        load(tmp_path / "nowhere.toml")
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadDefinition, match="cannot be read"):
        load(tmp_path / "binary.toml")
