"""A "gone" whose note says otherwise is doubted, in both languages; innocent words are not."""

import pytest

from registry.callbacks.rules import doubt_in


@pytest.mark.parametrize("note", [
    "Всё ещё медленно", "Пока не работает почта", "Вчера опять обрыв", "Стало хуже",
    "По-прежнему рвётся", "Говорит, проблема осталась", "Клиент жалуется", "Без изменений",
    "It is still slow in the mornings", "Not fixed, says Galina", "It doesn't work",
    "The same problem as before", "Slow again since Monday", "No change at all", "It got worse",
])
def test_a_note_that_says_otherwise_is_doubted(note: str) -> None:
    assert doubt_in(note)


@pytest.mark.parametrize("note", [
    "Проверили при мне, всё хорошо", "Больше не рвётся", "Файл пришёл за секунды", "Довольны",
    "All is well, they thank us", "It works since Friday", "No longer slow", "Measured 64 KB/s", "",
])
def test_innocent_words_are_not_doubted(note: str) -> None:
    assert doubt_in(note) == ""
