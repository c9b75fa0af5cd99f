"""What an erasure by law takes of a person's own, and of the statements that were signed.

A signed statement holds the text that was shown, with the names in it. It is emptied whole; who
signed, when, in which role and what it meant stays in its row and in the ledger. Everything else
that names somebody is found by admin/erasing.py.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import delete, func, literal, or_, select, update

from registry.core.db import db
from registry.core.errors import Reason
from registry.core.words import N_
from registry.ledger.entries import content_of, entries_of, seals_in, unseal
from registry.people.models import Absence, Person, Signature, SignInAttempt
from registry.people.passkey_models import Passkey
from registry.people.rules import reasons_against_departure


@dataclass(frozen=True)
class Personal:
    """The words by which somebody is looked for: names are replaced, the rest is taken out.

    ``shared`` are words of theirs that mean others too, as a first name does: not looked for."""

    names: tuple[str, ...]
    others: tuple[str, ...] = ()
    shared: tuple[str, ...] = ()

    @property
    def words(self) -> tuple[str, ...]:
        """All that are looked for."""
        return (*self.names, *self.others)


def personal_words(names: Iterable[str], others: Iterable[str]) -> Personal:
    """What is personal of a human being; a name of one word is one that others bear too."""
    called = {name for name in names if name}
    full = {name for name in called if " " in name.strip()}
    return Personal(tuple(sorted(full)), tuple(sorted({word for word in others if word})),
                    tuple(sorted(called - full)))


@dataclass(frozen=True)
class Emptied:
    """A statement to empty, and what it alone says, for the entry that bears witness to it."""

    chain: str
    statement: str
    act: str
    nonce: str

    @property
    def said(self) -> dict[str, str]:
        """As the entry says it."""
        return {"statement": self.statement, "act": self.act, "nonce": self.nonce}


def personal_of(person: Person) -> Personal:
    """Everything the person was ever called here, by their chain and their row."""
    held: dict[str, set[str]] = {"name": {person.name}, "email": {person.email},
                                 "phone": {person.phone}, "login": {person.login}}
    contents = [content_of(entry) for entry in entries_of(person.chain)]
    words = unseal({seal for content in contents for seal in seals_in(content)})
    for content in contents:
        for key, values in held.items():
            values.add(words.get(str(content.get(key, ""))) or "")
    logins = {login for login in held["login"] if login and "." in login}
    return personal_words(held["name"], held["email"] | held["phone"] | logins)


def statements_holding(words: Sequence[str]) -> list[Emptied]:
    """The signed statements whose text holds one of the words."""
    if not words:
        return []
    # In canonical JSON, which escapes little; searched as bytes on either database.
    needles = [json.dumps(word, ensure_ascii=False)[1:-1].encode() for word in words]
    is_sqlite = db.session.get_bind().dialect.name == "sqlite"
    held = [func.instr(Signature.statement, needle) > 0 if is_sqlite
            else func.position(literal(needle).op("IN")(Signature.statement)) > 0
            for needle in needles]
    query = (select(Signature.chain, Signature.statement_hash, Signature.act, Signature.nonce)
             .where(or_(*held))
             .order_by(Signature.chain, Signature.statement_hash))
    return [Emptied(*row) for row in db.session.execute(query)]


def empty_statements(emptied: Iterable[Emptied]) -> None:
    """Empty the statements; the database's guards let this change through and no other."""
    db.session.execute(update(Signature).where(
        Signature.statement_hash.in_([each.statement for each in emptied])
    ).values(statement=b""), execution_options={"synchronize_session": False})


def reasons_against_erasing(person: Person, by: Person | None) -> Iterator[Reason]:
    """Why the person cannot be erased yet: who works here is not forgotten but leaves first."""
    if by is not None and by.id == person.id:
        yield Reason("erases_oneself", N_("Ask another administrator: nobody erases themselves."))
    if person.is_active:
        yield Reason("still_here", N_("%(name)s works here: let them leave first."),
                     {"name": person.name})
    yield from reasons_against_departure(person)


def erase_row(person: Person, stand_in: str) -> None:
    """Let the row keep its number and its roles, and nothing by which anybody is known."""
    db.session.execute(delete(SignInAttempt).where(SignInAttempt.login == person.login))
    db.session.execute(update(Absence).where(Absence.person_id == person.id).values(reason=""))
    db.session.execute(update(Passkey).where(Passkey.person_id == person.id).values(name=""))
    person.login, person.name = f"erased-{person.id}", stand_in
    person.email = person.phone = person.password_hash = ""
