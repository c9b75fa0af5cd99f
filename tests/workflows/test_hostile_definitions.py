"""Whatever stands in a definition, it is read or refused; and what is read can be checked."""

import json
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workflows import BadDefinition, Finding, Workflow, canonical, check, loads, restore

JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-3, 9) | st.sampled_from(
        ["", " ", "=", "logged", "closed", "holder", "giver", "role:", "relation:holder", "4h",
         "final", "working", "until", "client_confirmed", "Ёлка", "x" * 50]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(
        st.sampled_from(["name", "to", "en", "by", "check", "x"]), inner, max_size=3),
    max_leaves=6)


def places(node: object, path: tuple = ()) -> list[tuple]:
    """Every place of a JSON value, as a path of keys and numbers."""
    inner = (node.items() if isinstance(node, dict)
             else enumerate(node) if isinstance(node, list) else ())
    return [path, *(place for key, item in inner for place in places(item, (*path, key)))]


def planted(node: object, path: tuple, value: object) -> object:
    """Return a copy of ``node`` with ``value`` at ``path``."""
    if not path:
        return value
    key, *rest = path
    copy = dict(node) if isinstance(node, dict) else list(node)
    copy[key] = planted(node[key], tuple(rest), value)
    return copy


@settings(max_examples=300, deadline=None)
@given(data=st.data(), value=JSON)
def test_any_value_at_any_place_is_read_or_refused(service_quality, data, value):
    body = json.loads(canonical(service_quality))
    place = data.draw(st.sampled_from(places(body)))
    changed = json.dumps(planted(body, place, value)).encode()

    workflow, findings = read(changed)

    if workflow is not None:
        findings = check(workflow, None)
        assert restore(canonical(workflow)) == workflow
    assert workflow or findings
    assert all(finding.place and finding.problem and finding.remedy for finding in findings)


def read(body: bytes) -> tuple[Workflow | None, Sequence[Finding]]:
    """Return the workflow, or the findings for which it was refused."""
    try:
        return restore(body), ()
    except BadDefinition as bad:
        return None, bad.findings


@given(text=st.text(max_size=200))
def test_no_text_passes_for_a_lifecycle(text):
    with pytest.raises(BadDefinition):
        loads(text)
