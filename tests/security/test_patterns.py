"""No pattern of ours takes ever longer for what somebody typed (ReDoS), and no search is made of
more words than a person looks for.

Every pattern of the program that is applied to what comes from outside is found by itself and tried
with long hostile texts, in a process whose processor time is bounded.
"""

from __future__ import annotations

import ast
import importlib
import json
import pkgutil
import re
import resource
import subprocess
import sys
from collections.abc import Iterator
from inspect import cleandoc
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.orm import Session

import registry
import workflows
from registry.tickets import search
from tests.factories import House, a_ticket

LONG = 3000  # long enough for what grows faster than the square of the length to take hours
SECONDS = 20  # of the processor, for all, which need two
TEXTS = [
    " ", "\t\n", "a", "1", ".", "-", "a.", "1.", "a1", "a@", "@a.", "a.a@a.", "()", "(1)", ", ",
    "\r\n", "<style>", ' style="', "/*", "больше не ", "уже ", "not ", "а", "№ ", "# ", "«", "ё1",
    "_", "=", "+", "role:a and ", "seal:", "— a ", "доб. ", "\u00a0", "\u2028"]
TRY = """
import json, re, sys
for source, flags, ways in json.loads(sys.stdin.readline()):
    pattern = re.compile(source, flags)
    print(json.dumps(source), flush=True)
    for unit in json.loads(sys.argv[1]):
        text = unit * (int(sys.argv[2]) // len(unit))
        for tried in (text, text + "!", "a" + text + "\\x01", "больше" + text):
            for way in ways:
                getattr(pattern, way)(*([""] if way in ("sub", "subn") else []), tried)
print(json.dumps("done"))
"""
Tried = tuple[str, int, list[str]]
APPLIED = ("search", "match", "fullmatch", "findall", "finditer", "sub", "subn", "split", "compile")
INLINE = {f"re.{way}" for way in APPLIED}
WAYS = r"\b{name}\.(search|match|fullmatch|findall|finditer|sub|split)\("
EVIL: list[Tried] = [(r"(a+)+$", 0, ["search"]), (r"([a-z]+\.?)+@", 0, ["fullmatch"])]


def patterns() -> list[Tried]:
    """Each pattern that stands under a name in a module of the program, or where it is applied, and
    how."""
    found: dict[tuple[str, int], set[str]] = {}
    for package in (registry, workflows):
        for each in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
            if each.name.startswith("registry.bench") or each.name.endswith("__main__"):
                continue  # never sees what a stranger sends
            module = importlib.import_module(each.name)
            source = Path(str(module.__file__)).read_text(encoding="utf-8")
            for name, value in vars(module).items():
                if isinstance(value, re.Pattern) and isinstance(value.pattern, str):
                    ways = re.findall(WAYS.format(name=name), source)
                    found.setdefault((value.pattern, value.flags), set()).update(
                        ways or {"fullmatch"})
            for pattern, number, way in written_in(source, each.name):
                found.setdefault((pattern, number), set()).add(way)
    return [(*pattern, sorted(ways)) for pattern, ways in sorted(found.items())]


def written_in(source: str, module: str) -> Iterator[tuple[str, int, str]]:
    """The patterns that stand where they are applied, as in ``re.sub("…", "", text)``. One that is
    put together there cannot be tried, so it may not be."""
    tree = ast.parse(source)
    named = {each.value for each in tree.body if isinstance(each, ast.Assign | ast.AnnAssign)}
    for call in ast.walk(tree):
        if not (isinstance(call, ast.Call) and call not in named
                and ast.unparse(call.func) in INLINE):
            continue
        way = ast.unparse(call.func).removeprefix("re.")
        pattern, text = call.args[0], 2 if way in ("sub", "subn") else 1
        assert isinstance(pattern, ast.Constant), f"{module}:{call.lineno}: name this pattern"
        flags = [*call.args[text + 1:], *(word.value for word in call.keywords)]
        assert len(flags) < 2, f"{module}:{call.lineno}: name this pattern"
        number = int(eval(ast.unparse(flags[0]), {"re": re})) if flags else 0
        yield str(pattern.value), number | re.UNICODE, "search" if way == "compile" else way


def test_a_pattern_is_found_where_it_stands() -> None:
    source = """
        import re
        NAMED = re.compile("a+")
        def f(text):
            return re.sub(r"(b+)+$", "", text) or re.match("c", text, re.DOTALL)
        """
    assert list(written_in(cleandoc(source), "m")) == [
        ("(b+)+$", re.UNICODE, "sub"), ("c", re.DOTALL | re.UNICODE, "match")]
    with pytest.raises(AssertionError, match="m:1: name this pattern"):
        list(written_in("re.match(a + 'b', text)", "m"))


def outcome(tried: list[Tried], seconds: int = SECONDS) -> str:
    """"done", or the pattern at which the time was over."""
    def bound() -> None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))

    done = subprocess.run(
        [sys.executable, "-c", TRY, json.dumps(TEXTS), str(LONG)], input=json.dumps(tried) + "\n",
        capture_output=True, text=True, preexec_fn=bound, check=False)
    return str(json.loads(done.stdout.splitlines()[-1]))


def test_no_pattern_takes_ever_longer() -> None:
    ours = patterns()
    assert len(ours) > 25, "the patterns were not found"
    assert outcome(ours) == "done"


@pytest.mark.parametrize("evil", EVIL)
def test_a_pattern_that_does_is_found(evil: Tried) -> None:
    assert outcome([("a", 0, ["match"]), evil], seconds=2) == evil[0]


def words_asked_for(query: str) -> int:
    """How many words the database is asked about."""
    condition: Any = search.matches(query)
    (words,) = condition.compile().params.values()
    return len(re.findall(r"\w+", words))


def test_a_search_asks_for_a_bounded_number_of_words(
    session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    query = " ".join(f"word{number}" for number in range(500))
    assert words_asked_for(query) == search.MOST_WORDS
    monkeypatch.setattr(search, "MOST_WORDS", 10_000)
    assert words_asked_for(query) == 500


@pytest.mark.parametrize("query", ["a" * 4000, "а " * 2000, "* " * 2000, '"' * 4000, "( " * 2000,
                                   "a & b | !c:*" * 300, "%_" * 2000, "NEAR(a b, 9999) " * 100])
def test_whatever_is_looked_for_the_page_answers(client: Any, session: Session, sign_in: Any,
                                                 query: str) -> None:
    house = House()
    a_ticket(house)
    answer = sign_in(house.visitor).get("/tickets", query_string={"q": query})
    assert answer.status_code in (200, 422)
