"""The page of the API: its names stand as names, and every request of the document is there."""

import re
from collections.abc import Callable
from typing import Any

import pytest

from registry.api.reference import coded
from tests.factories import House, a_person


def test_a_name_between_backticks_is_code_and_the_rest_stays_text():
    assert coded("as `a<b` says; <i>") == "as <code>a&lt;b</code> says; &lt;i&gt;"


@pytest.mark.parametrize("language", ["en", "ru"])
def test_the_page_shows_every_request_and_no_bare_mark(
    sign_in: Callable[..., Any], language: str
) -> None:
    client = sign_in(a_person())
    page = client.get("/api/v1/", headers={"Accept-Language": language}).get_data(as_text=True)
    document = client.get("/api/v1/openapi.json").get_json()
    asked = {item[method]["operationId"] for item in document["paths"].values()
             for method in ("get", "post") if method in item}
    assert asked <= set(re.findall(r'<section id="(\w+)"', page))
    assert "`" not in page
    assert "<code>null</code>" in page


def test_the_page_is_told_in_the_chosen_language_and_programs_say_their_own(
    sign_in: Callable[..., Any], house: House, calls: Any
) -> None:
    client = sign_in(house.visitor)
    client.post("/language", data={"language": "ru"})
    english = {"Accept-Language": "en"}
    assert '<html lang="ru"' in client.get("/api/v1/", headers=english).text
    token = calls(house.visitor).headers
    for path, sentence in (("/api/v1/tickets/9999", "There is no such page."),
                           ("/api/v1/nowhere", "There is no such address.")):
        assert client.get(path, headers=english | token).json["detail"] == sentence
