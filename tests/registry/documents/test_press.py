"""What a paper must be to be filed for years: PDF/A-2a and PDF/UA-1 as far as it can be told from
the file, the same bytes for the same data, and nothing that people write can spoil it."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from collections.abc import Callable
from typing import Any

import pikepdf
import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.config import ROOT
from registry.core.errors import OutOfService
from registry.documents import press as press_module
from registry.documents.faces import BREAK, drawn, fit, lacks
from registry.documents.press import Sheetful, press
from tests.registry.documents.papers import (
    ADDRESS,
    PAPERS,
    an_extract,
    codes_of,
    fonts_of,
    leads_to,
    opened,
    shown_outside_of_tags,
    text_of,
)

ODD = {
    "markup": "#set page(width: 1pt) *x* _y_ $z$ `raw` <label> @ref = head\n- list // no /* no */",
    "calls": '#panic("x") #read("/etc/passwd") #sys.inputs.data #import "common.typ"',
    "emoji": "👍🏽 всё работает 🎉 👩‍👩‍👧",
    "scripts": "中文 العربية עברית हिन्दी",
    "controls": "a\x00b\x07c\u202ed\u2066e\ufeff\ufffe\ue000\ud7ff",
    "marks": "за́мок e\u0301 x\u0308\u0323 \u0301",
    "long word": "Ы" * 900,
    "lines": "один\r\nдва\n\n\nтри\rчетыре\u2028пять\tшесть",
    "quotes": "\"'\\ {} [] %% {page} {pages} №\u00a0„“”«»—–…",
    "nothing": "",
}


@pytest.fixture(params=sorted(PAPERS))
def make(request: pytest.FixtureRequest) -> Callable[..., Sheetful]:
    """How each kind of paper is filled."""
    return PAPERS[request.param]


@pytest.fixture
def pdf(make: Callable[..., Sheetful]) -> pikepdf.Pdf:
    """Each kind of paper."""
    return opened(make())


class TestForYears:
    """What veraPDF would look at first."""

    def test_it_says_which_standards_it_keeps(self, pdf: pikepdf.Pdf) -> None:
        meta = pdf.open_metadata()
        assert (meta["pdfaid:part"], meta["pdfaid:conformance"]) == ("2", "A")
        assert meta["pdfuaid:part"] == "1"
        assert meta["dc:title"] == "Выписка по заявке № 1042"

    def test_it_is_tagged_and_says_its_language(self, pdf: pikepdf.Pdf) -> None:
        assert bool(pdf.Root.MarkInfo.Marked)
        assert pdf.Root.StructTreeRoot.ParentTree is not None
        assert str(pdf.Root.Lang) == "ru"
        assert bool(pdf.Root.ViewerPreferences.DisplayDocTitle)

    def test_its_table_is_a_table_with_a_head(self, pdf: pikepdf.Pdf) -> None:
        tags = {str(each.get("/S")) for each in pdf.objects
                if isinstance(each, pikepdf.Dictionary) and each.get("/Type") == "/StructElem"}
        assert {"/H1", "/Table", "/TR", "/TH", "/TD"} <= tags

    def test_its_code_is_told_to_who_does_not_see_it(
        self, make: Callable[..., Sheetful], pdf: pikepdf.Pdf
    ) -> None:
        leads = make().data.get("address") or leads_to(make())
        assert codes_of(pdf) == list(filter(None, [leads]))

    def test_every_sign_stands_in_a_tag_or_is_said_to_be_no_content(
        self, pdf: pikepdf.Pdf
    ) -> None:
        assert sum(1 for _ in shown_outside_of_tags(pdf)) == 0

    def test_a_page_that_forgot_a_tag_would_be_found(self, pdf: pikepdf.Pdf) -> None:
        page = pdf.pages[0]
        page.contents_add(pdf.make_stream(b"BT ET 0 0 1 1 re f"))
        assert list(shown_outside_of_tags(pdf)) == ["f"]

    def test_its_headings_lead_through_it(self, pdf: pikepdf.Pdf) -> None:
        with pdf.open_outline() as outline:
            (first,) = outline.root
            assert first.title.startswith("№ 1042")
            assert all(each.title for each in first.children)

    def test_heads_of_tables_say_what_they_head(self, pdf: pikepdf.Pdf) -> None:
        heads = [each for each in pdf.objects if isinstance(each, pikepdf.Dictionary)
                 and each.get("/S") == "/TH"]
        assert heads
        for each in heads:
            attributes = each.A if isinstance(each.A, pikepdf.Array) else [each.A]
            assert any(str(one.get("/Scope")) == "/Column" for one in attributes)

    def test_its_two_descriptions_say_the_same(self, pdf: pikepdf.Pdf) -> None:
        meta, info = pdf.open_metadata(), pdf.docinfo
        assert str(info.Title) == meta["dc:title"]
        assert meta["dc:language"] == {"ru"}
        assert meta["xmp:CreateDate"][:10] == "2026-11-24"
        assert str(info.CreationDate).startswith("D:20261124")

    def test_what_pdf_a_forbids_is_not_there(self, pdf: pikepdf.Pdf) -> None:
        for each in pdf.objects:
            if isinstance(each, pikepdf.Dictionary | pikepdf.Stream):
                assert not {"/JS", "/Launch", "/F", "/EF", "/RichMedia", "/TR"} & set(each.keys())
                filters = str(each.get("/Filter", ""))
                assert "LZW" not in filters
                assert "Crypt" not in filters
        assert pdf.trailer.ID

    def test_its_colours_are_bound_to_a_profile(self, pdf: pikepdf.Pdf) -> None:
        intents = pdf.Root.OutputIntents
        assert [str(each.S) for each in intents] == ["/GTS_PDFA1"]
        assert intents[0].DestOutputProfile.read_bytes()

    def test_every_face_is_inside_and_can_be_read_back(self, pdf: pikepdf.Pdf) -> None:
        fonts = list(fonts_of(pdf))
        assert fonts
        for font in fonts:
            described = font.DescendantFonts[0].FontDescriptor
            assert "/FontFile2" in described or "/FontFile3" in described
            assert "/ToUnicode" in font

    def test_nothing_in_it_runs_or_leads_outside(self, pdf: pikepdf.Pdf) -> None:
        assert not {"/OpenAction", "/AA", "/AcroForm"} & set(pdf.Root.keys())
        assert not any("/Annots" in page for page in pdf.pages)
        assert not pdf.is_encrypted

    def test_its_text_comes_out_as_it_was_written(self) -> None:
        said = text_of(opened(an_extract("Ёлка «Ъ» № 5 — щёлк")))
        assert "Ёлка«Ъ»№5—щёлк" in said
        assert "АннаКим,специалистповизитам:«Передаюзаявку»" in said
        assert "documents/0123456789abcdef" in said


class TestTheSameBytes:
    def test_twice_in_a_process(self, make: Callable[..., Sheetful]) -> None:
        assert press(make(), leads_to(make())) == press(make(), leads_to(make()))

    def test_after_another_paper_of_the_kind(self, make: Callable[..., Sheetful]) -> None:
        first = press(make(), ADDRESS)
        press(make("другое"), ADDRESS)
        assert press(make(), ADDRESS) == first

    def test_in_another_process_on_another_day_and_clock(self) -> None:
        made = hashlib.sha256(press(an_extract(), ADDRESS)).hexdigest()
        code = ("import hashlib, tests.registry.documents.papers as papers\n"
                "from registry.documents.press import press\n"
                "made = press(papers.an_extract(), papers.ADDRESS)\n"
                "import sys; sys.stdout.write(hashlib.sha256(made).hexdigest())")
        done = subprocess.run(
            [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True,
            env=os.environ | {"TZ": "Asia/Tokyo", "LANG": "C", "SOURCE_DATE_EPOCH": "1"})
        assert done.stdout == made

    def test_one_letter_more_is_another_mark_and_another_file(self) -> None:
        one, other = an_extract("Медленная линия"), an_extract("Медленная линия.")
        assert one.mark != other.mark
        assert press(one, ADDRESS) != press(other, ADDRESS)


def lines_of(pdf: pikepdf.Pdf) -> int:
    """How many lines of text the pages have: each begins with a place of its own."""
    return sum(str(operator) == "Tm" for page in pdf.pages
               for _, operator in pikepdf.parse_content_stream(page))


class TestOddText:
    """People write what they like; it is printed as they wrote it, or named where it cannot be."""

    @pytest.mark.parametrize("name", sorted(ODD))
    def test_it_is_set_in_every_place_of_every_paper(
        self, make: Callable[..., Sheetful], name: str
    ) -> None:
        assert len(opened(make(ODD[name])).pages) >= 1

    def test_markup_is_no_markup(self) -> None:
        said = text_of(opened(an_extract(ODD["markup"])))
        assert "#setpage(width:1pt)*x*_y_$z$`raw`<label>@ref=head-list//no/*no*/" in said

    @pytest.mark.parametrize("part", ["W", "Щ", "W-", "W.", "W/", "W:", "W_"])
    def test_a_word_that_is_too_long_is_broken_into_lines_and_comes_out_whole(
        self, part: str
    ) -> None:
        pdf, short = opened(an_extract(part * 300)), opened(an_extract(part))
        more = text_of(pdf).count(part) - text_of(short).count(part)
        assert more == 299 * 5  # heading, details, three entries
        assert lines_of(pdf) >= lines_of(short) + 5 * 4

    @pytest.mark.parametrize("part", [".", "/", "-", ":", "_", "…", "\u00a0x", ")"])
    def test_so_is_a_run_of_signs_that_lines_never_break_at(self, part: str) -> None:
        pdf, short = opened(an_extract(part * 600)), opened(an_extract(part))
        assert lines_of(pdf) >= lines_of(short) + 5 * 3

    @pytest.mark.parametrize(("text", "fitting"), [
        ("👍🏽", "[thumbs up sign]"), ("中", "[U+4E2D]"), ("a\x00\u202eb", "ab"),
        ("e\u0301", "é"), ("а\r\nб\rв", "а\nб\nв"), ("  a \t b ", "a b"), ("→", "→"),
        ("https://registry.example.org/documents/0123", "https://registry.example.org/documents/0123"),
        ("9a" * 32 + ".", "9a" * 32 + "."), ("Ы" * 26, BREAK.join(["ЫЫЫЫ"] * 6 + ["ЫЫ"])),
        ("Александра-Виктория-Константинопольская", "Александра-Виктория-Константинопольская"),
        ("Ё № „“ — 5 ≥ 3", "Ё № „“ — 5 ≥ 3"), ("\ue000", "[U+E000]")])
    def test_how_it_is_made_fit(self, text: str, fitting: str) -> None:
        assert fit(text) == fitting

    def test_only_what_is_named_is_said_to_be_lacking(self) -> None:
        assert lacks({"a": ["привет", {"b": "👍"}]})
        assert not lacks({"a": ["Ёлка — № 5 → «x»\n", {"b": 1}]})

    @given(st.text(max_size=80))
    def test_whatever_is_made_fit_can_be_drawn(self, text: str) -> None:
        assert {ord(each) for each in fit(text)} - drawn() <= set(map(ord, f"→←↔\n{BREAK}"))

    @pytest.mark.parametrize("text", ["".join(map(chr, sorted(drawn())))], ids=["all"])
    def test_every_letter_of_the_faces_can_be_set(self, text: str) -> None:
        assert opened(an_extract(text, entries=1)).pages


def test_two_thousand_entries_are_all_told() -> None:
    pdf = opened(an_extract("№ Ж", entries=2000))
    assert text_of(pdf).count("Чтонетак:№Ж") == 2000


def test_where_the_faces_are_not_there_it_says_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    def no_faces() -> tuple[Any, ...]:
        return ()

    monkeypatch.setattr(press_module, "faces", no_faces)
    press_module._compiler.cache_clear()
    with pytest.raises(OutOfService, match="fonts"):
        press(an_extract(), ADDRESS)
    press_module._compiler.cache_clear()
