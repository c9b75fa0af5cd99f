"""What the documents say is so: links lead somewhere, commands, settings and labels exist."""

import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import unquote

import click
import pytest

from registry.cli import cli
from registry.core import catalogues
from registry.tickets.lifecycles import CATALOGUE
from tests.contracts.sources import name_of
from tests.ground.parts import ROOT
from workflows import check, loads

DOCS = ROOT / "docs"
PAGES = sorted([ROOT / "README.md", *DOCS.rglob("*.md")])
OF_PERSONS = sorted([*DOCS.glob("en/*.md"), *DOCS.glob("ru/*.md")])
LINK = re.compile(r"!?\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^)\s]+)\)")
LABEL = re.compile(r"(?<![*\w])\*(?![*\s])([^*\n]+?)\*(?![*\w])")
COMMAND = re.compile(r"(?:^|(?<![\w./-])\./)countersign((?:[ ]+[^\s`|;&)<>]+)+)")
SETTING = re.compile(r"COUNTERSIGN_[A-Z][A-Z0-9_]*")
OF_THE_LAUNCHER = {"test"}


def prose(text: str) -> str:
    """The text without its code."""
    text = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    text = re.sub(r"^ {4,}\S.*$", "", text, flags=re.MULTILINE)
    return re.sub(r"`[^`\n]*`", "", text)


def code(text: str) -> Iterator[str]:
    """Every line of a block of code and every span of code."""
    for block in re.findall(r"^```\w*\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL):
        yield from block.splitlines()
    rest = re.sub(r"^```.*?^```", "", text, flags=re.MULTILINE | re.DOTALL)
    yield from re.findall(r"^ {4,}(\S.*)$", rest, flags=re.MULTILINE)
    yield from re.findall(r"`([^`\n]+)`", rest)


def anchors(page: Path) -> set[str]:
    """The anchors of a page's headings, as they are made where Markdown is shown."""
    titles = re.findall(r"^#+ (.+)$", page.read_text(encoding="utf-8"), flags=re.MULTILINE)
    plain = (re.sub(r"[^\w\s-]", "", title.lower()).strip() for title in titles)
    return {title.replace(" ", "-") for title in plain}


def leads_somewhere(page: Path, target: str) -> bool:
    """Whether a link of the page leads to a file of ours and, where it names one, to a heading."""
    path, _, anchor = unquote(target).partition("#")
    aim = (page.parent / path).resolve() if path else page
    if not aim.exists() or not aim.is_relative_to(ROOT):
        return False
    return not anchor or (aim.suffix == ".md" and anchor in anchors(aim))


def fault_of(words: list[str]) -> str:
    """What is wrong with the words of a command line; empty where it can be called so."""
    command: click.Command = cli
    while isinstance(command, click.Group) and words and not words[0].startswith("-"):
        name = words.pop(0)
        with click.Context(command) as context:  # what it opens must not outlive the question
            found = command.get_command(context, name)
        if found is None:
            return f"{command.name} has no command {name}"
        command = found
    known = {option for each in command.params for option in each.opts} | {"--help"}
    return next((f"{command.name} has no option {word}" for word in words
                 if word.startswith("--") and word.partition("=")[0] not in known), "")


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_link_and_picture_is_there(page: Path):
    targets = LINK.findall(re.sub(r"`[^`\n]*`", "", page.read_text(encoding="utf-8")))
    ours = [target for target in targets if not re.match(r"[a-z]+:", target)]
    assert not [target for target in ours if not leads_somewhere(page, target)]


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_command_can_be_called_as_it_is_written(page: Path):
    lines = [line for line in code(page.read_text(encoding="utf-8")) if not line.startswith("#")]
    called = [match.split() for line in lines for match in COMMAND.findall(line)]
    faults = [fault for words in called if words[0] not in OF_THE_LAUNCHER
              if (fault := fault_of(list(words)))]
    assert not faults


@pytest.mark.parametrize("line", ["countersign fly", "countersign verify --closely",
                                  "countersign person dismiss p.orlov"])
def test_a_command_that_is_not_there_is_missed(line: str):
    assert fault_of(line.split()[1:])


@pytest.mark.parametrize("page", [ROOT / "README.md", DOCS / "operator.md"], ids=name_of)
def test_the_tables_of_settings_are_whole(page: Path):
    source = (ROOT / "registry" / "config.py").read_text(encoding="utf-8")
    known = {f"COUNTERSIGN_{name}" for name in re.findall(r'text\("([A-Z_]+)"', source)}
    assert len(known) > 10
    rows = re.findall(r"^\| (`COUNTERSIGN_[^|]+) \|", page.read_text(encoding="utf-8"),
                      flags=re.MULTILINE)
    assert {name for row in rows for name in SETTING.findall(row)} == known


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_every_setting_that_is_named_is_read_somewhere(page: Path):
    source = (ROOT / "registry" / "config.py").read_text(encoding="utf-8")
    known = {f"COUNTERSIGN_{name}" for name in re.findall(r'text\("([A-Z_]+)"', source)}
    known |= set(SETTING.findall((ROOT / "countersign").read_text(encoding="utf-8")))
    assert not set(SETTING.findall(page.read_text(encoding="utf-8"))) - known


def test_the_launcher_names_a_guide_that_is_there():
    named = re.findall(r"docs/[\w./-]+\.md", (ROOT / "countersign").read_text(encoding="utf-8"))
    assert named
    assert all((ROOT / name).exists() for name in named)


def said(text: str) -> str:
    """A label as it is compared: up to its first value, without the marks at its end."""
    return re.split(r"%\(|%s|%d", text)[0].strip(" .…:,\u00a0“„«").casefold()


def labels() -> set[str]:
    """Everything that stands on a screen, in both languages."""
    found: set[str] = set()
    for area in catalogues.areas():
        for message in catalogues.read(area):
            for words in (message.id, message.string):
                found.update(map(said, (words,) if isinstance(words, str) else words or ()))
    definition = ROOT / "workflows" / "definitions" / "service_quality.toml"
    tables = tomllib.loads(definition.read_text(encoding="utf-8"))
    for part in ("states", "moves"):
        found.update(said(title) for each in tables[part].values()
                     for title in each["title"].values())
    return found


@pytest.mark.parametrize("page", OF_PERSONS, ids=name_of)
def test_what_is_written_in_italics_stands_on_the_screen(page: Path):
    known = labels()
    named = [part for label in LABEL.findall(prose(page.read_text(encoding="utf-8")))
             for part in label.split(" → ")]
    assert not [label for label in named if said(label) not in known]


def test_each_person_has_a_page_in_both_languages():
    told = {language: {page.name for page in DOCS.glob(f"{language}/*.md")}
            for language in ("en", "ru")}
    assert told["en"] == told["ru"]
    assert len(told["en"]) == 8


@pytest.mark.parametrize("name", sorted(page.name for page in DOCS.glob("en/*.md")))
def test_both_languages_of_a_page_have_the_same_parts(name: str):
    parts = [len(re.findall(r"^#+ ", (DOCS / language / name).read_text(encoding="utf-8"),
                            flags=re.MULTILINE)) for language in ("en", "ru")]
    assert parts[0] == parts[1]


def test_the_lifecycle_of_the_guide_proves_itself():
    text = (DOCS / "lifecycles.md").read_text(encoding="utf-8")
    example = re.findall(r"^```toml\n(.*?)^```", text, flags=re.MULTILINE | re.DOTALL)[0]
    assert check(loads(example), CATALOGUE) == []
    (finding,) = check(loads(example.replace('guards = ["client_confirmed"]\n', "")), CATALOGUE)
    assert f"    my.toml: {finding}" in text.splitlines()


def test_decisions_have_numbers_of_their_own():
    # What was learnt of speed is kept on one page that grows, and has a name.
    numbers = [page.name[:4] for page in DOCS.glob("decisions/*.md")
               if page.name != "performance.md"]
    assert all(re.fullmatch(r"\d{4}", number) for number in numbers)
    assert len(numbers) == len(set(numbers))
