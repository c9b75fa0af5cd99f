"""What makes a recorded "gone" doubtful: words in the note that say otherwise.

A "yes" with a complaint in the text must be caught (a fault that others paid for): it is
questioned before it is taken, never refused outright, for the words may be innocent.
"""

from __future__ import annotations

import re

DOUBTS = {
    "ru": (
        r"вс[её]\s*(ещ[её]|равно)\s+(не|плох|медл|рв|обрыв|пада|тормоз)",
        r"не\s+(работает|исправлен|устран|помогл|решен|реш[её]н|прошл[ао]|исчезл)",
        r"(опять|снова)\s+(не|медл|рв|обрыв|пада|тормоз|отвал|плох)",
        r"по-прежнему", r"проблема\s+(осталась|повтор|сохран)", r"иногда\s+(рв|обрыв|пада|отвал)",
        r"стало\s+хуже", r"без\s+изменений", r"ничего\s+не\s+(изменил|сдела)",
        r"жалу(ется|ются)", r"недовол",
    ),
    "en": (
        r"\bstill\s+(not|slow|bad|down|drop|fail|break|hav|lose|los)",
        r"\bnot\s+(fixed|gone|solved|working|better|resolved)",
        r"\b(isn'?t|doesn'?t|didn'?t|won'?t|wasn'?t)\s+(fixed|gone|solved|work|help|better)",
        r"\bagain\s+(slow|down|drop|fail)", r"\b(slow|down|drop\w*|fail\w*)\s+again\b",
        r"\bsame\s+(problem|trouble|as before)", r"\bno\s+(change|better|improvement)",
        r"\bworse\b",
        r"\bcomplain", r"\bunhappy\b", r"\bnothing\s+(changed|was done)",
        r"\bsometimes\s+(slow|down|drop|fail)",
    ),
}
_DOUBT = re.compile("|".join(each for words in DOUBTS.values() for each in words), re.IGNORECASE)
_DENIED = re.compile(r"(больше|уже)\s+не\s+$|\bno longer\s+$|\bnot\s+$", re.IGNORECASE)


def doubt_in(note: str) -> str:
    """The words of ``note`` that say the problem is not gone; empty where there are none."""
    for found in _DOUBT.finditer(note):
        if not _DENIED.search(note[:found.start()]):
            return found.group(0)
    return ""
