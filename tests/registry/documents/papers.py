"""Papers for tests: data that fills each template, and a look into the file that comes of it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pikepdf

from registry.core.qr import qr
from registry.documents.press import Sheetful, press

AT = datetime(2026, 11, 24, 7, 40, tzinfo=UTC)
ADDRESS = "https://registry.example.org/documents/0123456789abcdef"
SHEET = "https://registry.example.org/sheets/7"
SIGNED = {"name": "Анна Ким", "role": "специалист по визитам", "meaning": "«Передаю заявку»",
          "rest": "24 ноября 2026, 10:40 · паролем · подписанный текст 7f3a91bc"}
FRAME: dict[str, Any] = {
    "title": "Выписка по заявке № 1042", "author": "Countersign", "running": "Заявка № 1042",
    "date": [2026, 11, 24], "page": "страница {page} из {pages}", "verify": "Проверить:",
    "scan": "проверить этот лист", "over": "Выписка из реестра", "heading": "№ 1042 Ёлка «Ъ»",
    "standing": "На руках: Павел Орлов", "asof": "По состоянию на 24 ноября 2026, 10:40."}
CLOSING = {"title": "О чём говорит этот лист", "lines": ["Каждая запись несёт печать."]}


def an_entry(number: int, said: str = "Медленная линия", signatures: int = 1) -> dict[str, Any]:
    """One entry of a history."""
    return {"no": str(number), "at": "24.11.2026 10:40", "text": "Предложена: Ким → Орлов",
            "mark": "", "words": [{"label": "Что не так", "text": said}],
            "signatures": [SIGNED] * signatures, "seal": "9a8b7c6d"}


def an_extract(said: str = "Медленная линия", entries: int = 3) -> Sheetful:
    """An extract whose summary, details and history hold the words."""
    return Sheetful("extract", FRAME | {
        "place": "Волга-банк", "facts": [{"label": "Подробности", "text": said, "own": True}],
        "heading": f"№ 1042 {said}", "hands": {"title": "Через чьи руки", "text": "Ким → Орлов"},
        "history": {"title": "История", "columns": ["№", "Когда", "Что произошло", "Печать"],
                    "entries": [an_entry(number, said) for number in range(1, entries + 1)]},
        "closing": CLOSING}, AT, "ru")


def a_sheet(said: str = "Медленная линия", lines: int = 3) -> Sheetful:
    """A handover sheet with so many lines, one signature missing in each."""
    signed = {"name": "Анна Ким", "lines": [
        "специалист по визитам", "«Передаю заявку»", "24.11.2026 10:40", "паролем, 7f3a91bc"],
        "none": ""}
    line = {"number": "1042", "what": said, "client": said, "move": "Передать", "outcome": "",
            "words": [{"label": "Примечание", "text": said}],
            "signatures": [signed, signed, {"name": "", "lines": [], "none": "не подписано"}]}
    return Sheetful("sheet", FRAME | {
        "qr": qr(SHEET), "address": SHEET, "lines": [line] * lines, "closing": CLOSING,
        "parties": [{"label": "Передаёт", "text": "Анна Ким", "own": False}],
        "columns": ["№", "Что", "Передал", "Принял", "В присутствии"]}, AT, "ru")


def a_week(said: str = "Медленная линия", lines: int = 3) -> Sheetful:
    """A week of the registry with so many lines."""
    signed = {"label": "передал", "name": "Анна Ким", "rest": "24.11.2026 10:40", "hash": "7f3a",
              "meant": "специалист по визитам: «Передаю заявку»"}
    line = {"number": "1042", "at": "24.11.2026 10:40", "client": said, "place": said, "what": said,
            "hands": "Ким → Орлов", "signatures": [signed], "state": "принята", "imported": ""}
    return Sheetful("week", FRAME | {
        "lines": [line] * lines, "closing": ["Восемь знаков — начало SHA-256."],
        "columns": ["№", "Когда", "Клиент", "Что", "От кого → кому", "Состояние"]}, AT, "ru")


def a_questionnaire(said: str = "Медленная линия", lines: int = 3) -> Sheetful:
    """What is known of a visit, with so many tickets under each of two criteria."""
    row = {"number": "1042", "what": said, "measured": ["12 КБ/с", "норма ≥ 30 КБ/с"],
           "words": [{"label": "Слова клиента", "text": said}], "opinion": "доволен",
           "state": "принята", "holder": f"на руках: {said}"}
    return Sheetful("questionnaire", FRAME | {
        "facts": [{"label": "Клиент", "text": said, "own": False}], "closing": CLOSING,
        "groups": [{"title": said, "rows": [row] * lines} for _ in range(2)],
        "columns": ["№", "Что", "Измерено", "Мнение клиента", "Как обстоит"]}, AT, "ru")


def a_blank(said: str = "Медленная линия", lines: int = 3) -> Sheetful:
    """An empty questionnaire with so many criteria in each of two groups."""
    groups = [{"title": said, "measured": is_measured,
               "rows": [{"name": said, "norm": "не менее 30 КБ/с"}] * lines}
              for is_measured in (True, False)]
    return Sheetful("questionnaire_blank", FRAME | {
        "fields": [{"label": "Клиент", "text": said, "own": False},
                   {"label": "Дата", "text": "", "own": False}],
        "ruled": 5, "words": {"title": "Словами клиента", "hint": said}, "groups": groups,
        "columns": ["Норматив", "Измерено", "Не выполнен?", "Важность", "Мнение", "Примечание"],
        "fails": "да · нет", "importance": "1 · 2 · 3 · 4 · 5", "opinion": "доволен\nнедоволен",
        "stop": said, "copies": said, "signers": ["Специалист", said],
        "signing": "имя, подпись, дата"}, AT, "ru")


PAPERS = {"extract": an_extract, "sheet": a_sheet, "week": a_week,
          "questionnaire": a_questionnaire, "questionnaire_blank": a_blank}


FORMS = ("questionnaire_blank",)  # they prove nothing, and lead nowhere


def opened(sheetful: Sheetful) -> pikepdf.Pdf:
    """The paper as a file that can be looked into."""
    return pikepdf.open(io.BytesIO(press(sheetful, leads_to(sheetful))))


def leads_to(sheetful: Sheetful) -> str:
    """The address at the foot of the paper."""
    return "" if sheetful.paper in FORMS else ADDRESS


def codes_of(pdf: pikepdf.Pdf) -> list[str]:
    """Where the codes on the paper lead, as they say it to whoever cannot see them."""
    return [str(each.Alt) for each in pdf.objects
            if isinstance(each, pikepdf.Dictionary) and each.get("/S") == "/Figure"]


def fonts_of(pdf: pikepdf.Pdf) -> Iterator[Any]:
    """Every font that a page uses."""
    for page in pdf.pages:
        yield from page.Resources.get("/Font", {}).values()


PAINTS = {"Tj", "TJ", "'", '"', "f", "F", "f*", "B", "B*", "b", "b*", "S", "s", "sh", "Do",
          "INLINE IMAGE"}


def shown_outside_of_tags(pdf: pikepdf.Pdf) -> Iterator[str]:
    """What is painted on a page neither under a tag nor as an artifact, by its operator."""
    for page in pdf.pages:
        depth = 0
        for _, operator in pikepdf.parse_content_stream(page):
            depth += {"BDC": 1, "BMC": 1, "EMC": -1}.get(str(operator), 0)
            if not depth and str(operator) in PAINTS:
                yield str(operator)


def text_of(pdf: pikepdf.Pdf) -> str:
    """What a reader can take out of the pages, glyph by glyph through ToUnicode, in the order of
    the file; without blanks, which a line break may be instead."""
    return re.sub(r"[\s\u200b]+", "", "".join(map(_page_text, pdf.pages)))


def _page_text(page: Any) -> str:
    maps = {name: _to_unicode(font) for name, font in page.Resources.get("/Font", {}).items()}
    said, letters = [], {}
    for operands, operator in pikepdf.parse_content_stream(page):
        if str(operator) == "Tf":
            letters = maps[str(operands[0])]
        elif str(operator) in ("Tj", "TJ"):
            pieces = operands[0] if str(operator) == "TJ" else operands
            for piece in pieces:
                if isinstance(piece, pikepdf.String):
                    code = bytes(piece)
                    said += [letters[code[at:at + 2].hex()] for at in range(0, len(code), 2)]
    return "".join(said)


def _to_unicode(font: Any) -> dict[str, str]:
    """From the code of a glyph to its letters."""
    table = bytes(font.ToUnicode.read_bytes()).decode("latin-1")
    found = {}
    for block in re.findall(r"beginbfchar(.*?)endbfchar", table, re.DOTALL):
        for code, text in re.findall(r"<(\w+)>\s*<(\w+)>", block):
            found[code.lower()] = bytes.fromhex(text).decode("utf-16-be")
    for block in re.findall(r"beginbfrange(.*?)endbfrange", table, re.DOTALL):
        for first, last, text in re.findall(r"<(\w+)>\s*<(\w+)>\s*<(\w+)>", block):
            start = int.from_bytes(bytes.fromhex(text)[-2:], "big")
            for offset in range(int(last, 16) - int(first, 16) + 1):
                found[f"{int(first, 16) + offset:04x}"] = chr(start + offset)
    return found
