"""A lifecycle is drawn from its own data, with real text and nothing that a strict page refuses."""

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest

from workflows import Title, mermaid, narrow_svg, svg

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(params=["en", "ru"])
def language(request):
    return request.param


@pytest.fixture(params=[svg, narrow_svg])
def draw(request):
    return request.param


def drawn(workflow, language, here=None, draw=svg) -> ElementTree.Element:
    return ElementTree.fromstring(draw(workflow, language, here))


def test_every_state_and_move_is_drawn_in_the_readers_language(shipped, language, draw):
    root = drawn(shipped, language, draw=draw)
    texts = [" ".join("".join(item.itertext()).split()) for item in root.iter(f"{SVG}text")]

    joined = " ".join(texts).replace(" ", "")
    for part in (*shipped.states.values(), *shipped.moves.values()):
        assert part.title[language].replace(" ", "") in joined
    assert len(root.findall(f"{SVG}g")) == len(shipped.states) + len(shipped.moves)


def test_the_drawing_has_a_title_and_says_itself_in_words(shipped, language, draw):
    root = drawn(shipped, language, draw=draw)
    ids = root.attrib["aria-labelledby"].split()

    assert [item.attrib["id"] for item in root[:2]] == ids
    assert root[0].text == shipped.title[language]
    assert all(move.title[language] in root[1].text for move in shipped.moves.values())


def test_exactly_the_state_it_is_in_is_marked(service_quality):
    marked = [item for item in drawn(service_quality, "en", "returned").iter(f"{SVG}g")
              if "here" in item.attrib["class"].split()]

    assert ["".join(item.itertext()).split() for item in marked] == [["returned", "now", "here"]]
    assert "here" not in svg(service_quality, "en").split("</desc>")[1]


def test_the_drawing_for_a_phone_marks_the_state_too(service_quality):
    root = drawn(service_quality, "en", "returned", narrow_svg)
    bold = ["".join(text.itertext()) for text in root.iter(f"{SVG}text")
            if text.attrib.get("font-weight")]

    assert bold == ["returned", "now here"]
    assert len(root.findall(f".//{SVG}rect")) == 1
    assert "here" not in narrow_svg(service_quality, "en").split("</desc>")[1]


def test_what_is_shipped_fits_a_phone_whole(shipped, language):
    """360 px, less the page's own edges."""
    root = drawn(shipped, language, shipped.initial, narrow_svg)
    assert int(root.attrib["width"]) <= 328


def test_both_drawings_may_stand_on_one_page(shipped):
    ids = re.findall(r' id="([^"]+)"', svg(shipped, "en") + narrow_svg(shipped, "en"))
    assert len(ids) == len(set(ids)) == 4


def test_no_inline_style_script_or_foreign_address(shipped, draw):
    drawing = draw(shipped, "ru", shipped.initial).replace('xmlns="http://www.w3.org/2000/svg"', "")

    assert not re.search(r"style|script|href|url\(|http|\son[a-z]+=", drawing)


def test_arrows_lie_between_the_columns(shipped, draw):
    """Every mark lies inside the drawing, and each move has one to start from or stay at."""
    root = drawn(shipped, "en", draw=draw)
    width = int(root.attrib["width"])
    rows = [item for item in root.iter(f"{SVG}g") if "move" in item.attrib["class"].split()]

    for move, row in zip(shipped.moves.values(), rows, strict=True):
        marks = row.findall(f"{SVG}circle")
        assert len(marks) == len(move.sources)
        assert all(0 < int(mark.attrib["cx"]) < width for mark in marks)
        assert (row.find(f"{SVG}path") is None) == (move.target == "=")


def test_titles_cannot_break_out_of_the_drawing(service_quality, draw):
    sly = Title(en='<b>"&\'; --> x: #', ru="<b>")
    states = {**service_quality.states,
              "logged": replace(service_quality.states["logged"], title=sly)}
    workflow = replace(service_quality, states=states, title=sly)

    root = drawn(workflow, "en", "logged", draw)
    lines = mermaid(workflow, "en").splitlines()

    assert root[0].text == sly["en"]
    assert root.find(f".//{SVG}b") is None
    assert lines[1].count('"') == 2
    assert ";" not in lines[1].replace("#34;", "").replace("#35;", "").replace("#59;", "") \
        .replace("#58;", "").replace("#60;", "").replace("#62;", "")


def test_mermaid_has_every_move_of_every_state(shipped):
    text = mermaid(shipped, "en", shipped.initial)

    edges = re.findall(r"^    (\w+) --> (\w+): ", text, re.MULTILINE)
    assert sorted(edges) == sorted(
        (source, move.target_from(source)) for move in shipped.moves.values()
        for source in move.sources)
    assert f"[*] --> {shipped.initial}" in text
    assert f"class {shipped.initial} here" in text
    assert all(f"{state.name} --> [*]" in text
               for state in shipped.states.values() if state.is_final)


def test_an_unknown_language_falls_back(service_quality):
    assert "Hand to an engineer" in svg(service_quality, "de")
