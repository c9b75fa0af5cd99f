"""The shapes of what is sent; the document is made of them and of what is answered (answers.py).

What is sent is strict: no type is guessed from another and nothing unasked is taken (no mass
assignment). Whether it makes sense is judged by the verbs, with all reasons at once.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field

LARGEST = 2**31 - 1
Id = Annotated[int, Field(ge=1, le=LARGEST)]
Line = Annotated[str, Field(max_length=400)]
Text = Annotated[str, Field(max_length=8000)]


class In(BaseModel):
    """What is sent."""

    model_config = ConfigDict(strict=True, extra="forbid")


Secret = Annotated[str, Field(min_length=1, max_length=1000)]
Hash = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
Nonce = Annotated[str, Field(pattern="^[A-Za-z0-9_-]{16,64}$")]


class AssertionIn(In):
    """A passkey's answer to the statements that were shown: as a browser or a telephone gives it,
    with the moment and the hashes that ``…/statements`` gave."""

    credential: dict[str, Any]
    at: Annotated[str, Field(max_length=40)]
    statements: Annotated[list[Hash], Field(min_length=1, max_length=100)]


class PasswordIn(In):
    """The proof that somebody signs: the password, given for this act alone."""

    method: Literal["password"]
    secret: Secret
    nonce: Nonce | None = None
    shown_head: Hash | None = None


class SignatureIn(In):
    """The proof that whoever acts signs: the password, given for this act alone, or the answer of
    a passkey to what it would sign."""

    method: Literal["password", "passkey"]
    secret: Secret | None = None
    assertion: AssertionIn | None = None
    nonce: Nonce | None = None
    shown_head: Hash | None = None


class ClientIn(In):
    """A client to enter."""

    name: Annotated[str, Field(max_length=200)]
    tier: Literal["key", "significant", "ordinary"] = "ordinary"
    note: Annotated[str, Field(max_length=4000)] = ""


class SiteIn(In):
    """A site to enter; without ``client`` a node of our own network."""

    name: Annotated[str, Field(max_length=200)]
    address: Annotated[str, Field(max_length=200)] = ""
    client: Id | None = None
    fed_by: Id | None = None


class TicketIn(In):
    """A problem found at a client; ``measured`` is a decimal number as text."""

    client: Id
    summary: Line
    site: Id | None = None
    contact: Id | None = None
    criterion: Id | None = None
    measured: Annotated[str, Field(pattern=r"^[0-9]{1,9}(\.[0-9]{1,6})?$")] | None = None
    opinion: Literal["content", "discontent", "not_asked"] = "not_asked"
    opinion_words: Text = ""
    description: Text = ""


Fields = Annotated[dict[Annotated[str, Field(max_length=40)], Text], Field(max_length=20)]


class MoveIn(In):
    """A move that keeps the holder."""

    move: Annotated[str, Field(max_length=40)]
    fields: Fields = {}
    reason: Text = ""
    signature: SignatureIn | None = None


class HandoffIn(In):
    """An offer. ``move`` may be left out where only one handoff may be begun now."""

    receiver: Id
    move: Annotated[str, Field(max_length=40)] | None = None
    witness: Id | None = None
    note: Text = ""
    fields: Fields = {}
    signature: SignatureIn | None = None


class AcceptIn(In):
    """What I do next and by when (ISO 8601 with its zone), under the receiver's signature."""

    next_step: Text = ""
    next_step_by: Annotated[str, Field(max_length=40)] = ""
    signature: SignatureIn | None = None
    witness_signature: PasswordIn | None = None


class CheckIn(In):
    """What the client found, who said it and in which words. ``sure`` answers a doubt about
    "gone"; ``receiver`` is chosen only where the one who mended it last has left."""

    result: Literal["gone", "not_gone"] | None = None
    contact_name: Line = ""
    note: Text = ""
    sure: bool = False
    receiver: Id | None = None
    signature: SignatureIn | None = None


class SignedIn(In):
    """A signature alone."""

    signature: SignatureIn | None = None


class ReasonIn(In):
    """A reason in the own words."""

    reason: Text = ""


def _whole(value: Any) -> Any:
    """A number of an address: digits and nothing else."""
    if isinstance(value, str):
        return int(value) if value.isascii() and value.isdecimal() and len(value) < 17 else None
    return value


Number = Annotated[Id, BeforeValidator(_whole)]
Size = Annotated[int, Field(ge=1, le=200), BeforeValidator(_whole)]
Cursor = Annotated[str, Field(max_length=600)]
Flag = Literal["0", "1"]


class Paged(BaseModel):
    """A page of a list by its key."""

    model_config = ConfigDict(extra="forbid")
    cursor: Cursor = ""
    size: Size = 50


class TicketQuery(Paged):
    """The filters of the registry's screen."""

    q: Annotated[str, Field(max_length=200)] = ""
    show: Literal["open", "ended", "all"] = "open"
    state: Annotated[str, Field(max_length=40)] = ""
    holder: Number | None = None
    originator: Number | None = None
    department: Number | None = None
    client: Number | None = None
    site: Number | None = None
    criterion: Number | None = None
    age: Literal["1", "3", "7", "14", "30", "90"] | None = None
    late: Flag = "0"
    unaccepted: Flag = "0"
    with_client: Flag = "0"
    on_hold: Flag = "0"
    mine: Flag = "0"
    sort: Literal["number", "promise", "since"] = "number"


class SitesQuery(Paged):
    """Sites of one client, or of all."""

    client: Number | None = None


class TicketPath(BaseModel):
    """A ticket by its number."""

    number: Annotated[int, Field(ge=1, le=LARGEST)]


class HandoffPath(BaseModel):
    """A handoff: the ticket's number and the entry of its ledger that offered it."""

    handoff: Annotated[str, Field(pattern="^[0-9]{1,10}-[0-9]{1,9}$")]


class DayPath(BaseModel):
    """A day that is over."""

    day: Annotated[str, Field(pattern="^[0-9]{4}-[0-9]{2}-[0-9]{2}$")]


class Acting(BaseModel):
    """Headers of every POST."""

    key: str | None = Field(None, alias="Idempotency-Key", min_length=1, max_length=200,
                            pattern="^[!-~]{1,200}$")
