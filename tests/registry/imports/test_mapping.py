"""A mapping is read whole: every fault is named with its place, nothing is guessed."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.core.errors import Refused
from registry.imports.mapping import KEEPS
from registry.imports.mapping_reading import find_mapping, read_mapping, shipped_mappings
from registry.imports.reading import check_states
from registry.tickets.lifecycles import shipped_workflow
from tests.registry.imports.made import MOSCOW, SMALL, small_mapping


def faults(text: str | bytes) -> list[str]:
    """The sentences of the refusal."""
    with pytest.raises(Refused) as refused:
        read_mapping(text.encode() if isinstance(text, str) else text, MOSCOW)
    return [str(reason) for reason in refused.value.reasons]


@pytest.mark.parametrize("name", shipped_mappings())
def test_the_mappings_that_come_with_it_fit_the_shipped_lifecycle(name: str):
    mapping = find_mapping(name, MOSCOW)
    check_states(mapping, shipped_workflow("service_quality.toml"))
    assert mapping.zone is MOSCOW


def test_both_kinds_of_logs_have_a_mapping():
    assert {find_mapping(name, MOSCOW).format for name in shipped_mappings()} == {"csv", "xes"}


def test_a_file_is_taken_before_a_shipped_mapping_of_that_name(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.chdir(tmp_path)
    Path("xes").write_text(SMALL)
    assert find_mapping("xes", MOSCOW).source == "small"


def test_a_mapping_that_is_nowhere_is_refused_with_those_there_are():
    with pytest.raises(Refused, match=r"“elsewhere”.*incident_log, xes"):
        find_mapping("elsewhere", MOSCOW)


def test_states_are_found_by_activity_then_by_transition_whatever_their_case():
    states = small_mapping(
        ("[states]", "[states]\ntransitions = { start = \"on_hold\" }\notherwise = \"=\"")).states
    assert states.state_after("  CLOSED ", "start") == "closed"
    assert states.state_after("unheard of", "START") == "on_hold"
    assert states.state_after("unheard of", "") == KEEPS
    assert small_mapping().states.state_after("unheard of", "start") is None


def test_all_faults_are_named_at_once():
    text = (SMALL.replace('name = "small"', 'name = "Not a name"').replace("csv", "xls")
            .replace('key = "case"', "kee = 1").replace('at = "at"', "at = 5")
            .replace('Active = "in_fix"', 'Active = "In Fix"')
            .replace('client = { column = "client" }', "client = {}"))
    assert faults(text) == [
        "case.client: give either the column that names the client, or the name of one client for "
        "all.",
        "source.format: “xls” is not known. Choose one of: csv, xes.",
        "source.name: “Not a name” cannot be a name. Use up to 30 small Latin letters, digits, "
        "hyphens and underscores.",
        "case.key is missing: add it.",
        "event.at: this has to be a text of 1 to 120 characters.",
        "states.activities.Active: “In Fix” cannot be a state. Write its name in the lifecycle, "
        "or “=”.",
        "case.kee is not known here: correct its spelling or leave it out.",
    ]


@pytest.mark.parametrize(("key", "value", "sentence"), [
    ("zone", "Mars/Olympus", "there is no time zone “Mars/Olympus”"),
    ("zone", "../../etc/passwd", "there is no time zone"),
    ("time", "%d/%m/%Y", "does not describe a day and a time"),
    ("time", "%H:%M", "does not describe a day and a time"),
    ("encoding", "utf-16", "Choose one of: utf-8"),
    ("delimiter", "x", "is not known"),
    ("lifecycle", "", "has to be a text"),
])
def test_a_value_without_sense_is_refused(key: str, value: str, sentence: str):
    (fault,) = faults(SMALL.replace("[case]\n", f'{key} = "{value}"\n[case]\n'))
    assert fault.startswith(f"source.{key}")
    assert sentence in fault


@pytest.mark.parametrize(("data", "sentence"), [
    (b"\xff\xfe", "not TOML in UTF-8"), (b"[source", "not TOML in UTF-8"),
    (b"a = " + b"[" * 5000, "not TOML in UTF-8"), (b"#" * 70_000, "larger than 64 KB"),
    (b"source = 5", "source: this has to be a table."),
    (b"source = { unknown = [1] }", "source.unknown: this has to be a list of texts."),
])
def test_what_is_no_mapping_is_refused(data: bytes, sentence: str):
    assert any(sentence in fault for fault in faults(data))


def test_a_state_that_the_lifecycle_has_not_is_refused_with_those_it_has():
    mapping = small_mapping(("on_hold", "asleep"), ("closed", "buried"))
    with pytest.raises(Refused) as refused:
        check_states(mapping, shipped_workflow("service_quality.toml"))
    said = [str(reason) for reason in refused.value.reasons]
    assert [sentence.partition("“")[2].partition("It has")[0] for sentence in said] == [
        "service_quality” has no state “asleep”. ", "service_quality” has no state “buried”. "]
    assert said[0].endswith("It has: logged, accepted, in_fix, on_hold, returned, closed, "
                            "cancelled.")


def test_another_zone_or_word_is_another_mapping():
    digests = {small_mapping().digest, small_mapping(("New", "Fresh")).digest,
               small_mapping(("unknown = [\"?\"]", "zone = \"UTC\"")).digest}
    assert len(digests) == 3
    assert small_mapping().digest == small_mapping().digest
