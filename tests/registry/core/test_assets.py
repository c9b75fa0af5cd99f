"""What a page weighs on the wire, how often it is asked for, and that packing changes no page."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from typing import Any

from sqlalchemy.orm import Session

from registry.core.packing import SMALLEST, packed
from registry.people.models import Person
from tests.factories import House, a_ticket

PACKED = {"Accept-Encoding": "gzip"}
BESIDE = re.compile(r'<(?:link|script)[^>]+(?:href|src)="(/[^"]+)"')
HEADS = 1000  # bytes of headers of one answer, more than any has


def test_a_ticket_page_takes_four_requests_and_less_than_forty_kilobytes(
    sign_in: Callable[[Person], Any], session: Session
) -> None:
    house = House()
    client, ticket = sign_in(house.engineer), a_ticket(house, "in_fix")
    client.delete_cookie("seen")
    page = client.get(f"/tickets/{ticket.number}", headers=PACKED)
    assert page.headers["Content-Encoding"] == "gzip"
    beside = BESIDE.findall(gzip.decompress(page.data).decode())
    weights = [len(page.data)]
    for address in beside:
        with client.get(address, headers=PACKED) as answer:
            assert answer.status_code == 200
            weights.append(len(answer.data))
    assert len(weights) == 4
    assert sum(weights) + HEADS * len(weights) < 40_000


def test_style_and_script_are_kept_for_ever_and_old_names_are_gone(client: Any) -> None:
    page = client.get("/sign-in").text
    for address in re.findall(r'"(/assets/[^"]+)"', page):
        answer = client.get(address)
        assert answer.headers["Cache-Control"].endswith("immutable")
        assert "Content-Encoding" not in answer.headers
        assert client.get(address, headers=PACKED).data != answer.data
    assert client.get("/assets/look-000000000000.css").status_code == 404


def test_the_face_comes_with_the_second_page(client: Any) -> None:
    assert "/assets/face-" not in client.get("/sign-in").text
    second = client.get("/sign-in").text
    face = client.get(re.search(r'"(/assets/face-[^"]+)"', second)[1]).text  # type: ignore[index]
    fonts = re.findall(r'url\("([^"]+)"\)', face)
    assert len(fonts) == 4
    assert all(client.get(f"/assets/{font}").status_code == 200 for font in fonts)


def test_who_takes_nothing_packed_gets_it_plain(client: Any) -> None:
    answer = client.get("/sign-in", headers={"Accept-Encoding": "gzip;q=0"})
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "</html>" in answer.text


def test_the_length_of_a_packed_page_tells_nothing_to_the_byte() -> None:
    page = b"a line of a page\n" * SMALLEST
    sizes = {len(packed(page)) for _ in range(60)}
    assert len(sizes) > 10
    assert gzip.decompress(packed(page)) == page
