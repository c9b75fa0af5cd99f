"""Verbs of passkeys: asking for an answer once, enrolling, using, revoking.

Enrolling and revoking are entries in the person's chain; the public key stands there, so that
anybody can tell later which keys were whose at which time (decision 0110).
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from webauthn import (
    generate_authentication_options,
    generate_registration_options,
    verify_registration_response,
)
from webauthn.helpers import (
    base64url_to_bytes,
    bytes_to_base64url,
    decode_credential_public_key,
    options_to_json_dict,
    parse_client_data_json,
    parse_registration_credential_json,
)
from webauthn.helpers.cose import COSECRV
from webauthn.helpers.decode_credential_public_key import DecodedEC2PublicKey
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from registry.core.db import db
from registry.core.errors import Forbidden, Reason, Refused, refuse_if
from registry.core.words import N_
from registry.people.assertions import (
    LONGEST,
    METHOD,
    UNREADABLE,
    Given,
    counter_of,
    key_text,
)
from registry.people.chain import enter
from registry.people.models import Person, SignInAttempt
from registry.people.passkey_models import Passkey, PasskeyChallenge
from registry.people.permissions import may
from registry.people.proof import Proof
from registry.people.relying import Relying, relying_party
from registry.people.warning import warn

LASTS = timedelta(minutes=5)
MOST = 20
LONGEST_NAME = 60
REQUIRED = UserVerificationRequirement.REQUIRED

NOT_HERE = N_("Passkeys need an address with a name and https. Ask the administrator to set the "
              "registry's address.")
UNKNOWN = N_("This passkey is not known here, or was revoked.")
WRONG = N_("The passkey's answer is not right. Nothing was done.")


def our_party() -> Relying:
    """The registry as browsers know it. Raises Refused where it can have no passkeys."""
    found = relying_party()
    if found is None:
        raise Refused(Reason("no_passkeys_here", NOT_HERE, field=METHOD))
    return found


def passkeys_of(person: Person, *, revoked: bool = False) -> list[Passkey]:
    """The person's passkeys, the oldest first; with ``revoked`` those too that are no more."""
    query = select(Passkey).where(Passkey.person_id == person.id).order_by(Passkey.id)
    return list(db.session.scalars(
        query if revoked else query.where(Passkey.revoked_at.is_(None))))


def ask_for(purpose: str, person: Person | None, *, now: datetime) -> dict[str, Any]:
    """What the browser is asked for: a new passkey (``enrol``), or an answer of one.

    The challenge is a row, so that any node may take the answer. Raises Refused.
    """
    party = our_party()
    db.session.execute(delete(PasskeyChallenge).where(PasskeyChallenge.expires_at < now))
    challenge = secrets.token_bytes(32)
    db.session.add(PasskeyChallenge(
        challenge=bytes_to_base64url(challenge), person_id=person.id if person else None,
        purpose=purpose, expires_at=now + LASTS))
    db.session.flush()
    if purpose == "enrol":
        assert person is not None
        return _creation(party, person, challenge)
    return answer_options(party, passkeys_of(person) if person else [], challenge)


def answer_options(party: Relying, passkeys: list[Passkey], challenge: bytes) -> dict[str, Any]:
    """By what a browser asks one of the passkeys to answer; whichever it finds, where none are
    named."""
    found: dict[str, Any] = options_to_json_dict(generate_authentication_options(
        rp_id=party.id, challenge=challenge, user_verification=REQUIRED,
        allow_credentials=[_described(each) for each in passkeys]))
    return found


def _creation(party: Relying, person: Person, challenge: bytes) -> dict[str, Any]:
    found: dict[str, Any] = options_to_json_dict(generate_registration_options(
        rp_id=party.id, rp_name="Countersign", user_name=person.login,
        user_id=person.ref.encode(), user_display_name=person.name, challenge=challenge,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=REQUIRED),
        exclude_credentials=[_described(each) for each in passkeys_of(person)]))
    return found


def _described(passkey: Passkey) -> PublicKeyCredentialDescriptor:
    known = {each.value for each in AuthenticatorTransport}
    return PublicKeyCredentialDescriptor(
        id=base64url_to_bytes(passkey.credential_id),
        transports=[AuthenticatorTransport(each) for each in passkey.transports.split()
                    if each in known] or None)


def spend(challenge: bytes, purpose: str, person: Person | None, *, now: datetime) -> bool:
    """Use the challenge up; False where it was not asked of this person for this, is over, or was
    used before."""
    query = (select(PasskeyChallenge)
             .where(PasskeyChallenge.challenge == bytes_to_base64url(challenge)[:64])
             .with_for_update())
    row = db.session.scalar(query)
    if (row is None or row.used_at is not None or row.expires_at < now or row.purpose != purpose
            or row.person_id != (person.id if person else None)):
        return False
    row.used_at = now
    db.session.flush()
    return True


@dataclass(frozen=True)
class Enrolling:
    """A new passkey as the browser made it, and how its owner calls it."""

    sent: str
    name: str


def enrol_passkey(
    person: Person, enrolling: Enrolling, *, proved: Proof | Reason, now: datetime
) -> Passkey:
    """Take a passkey of the person's in. ``proved`` is their password or another passkey.

    Raises Refused with every reason.
    """
    party, name = our_party(), " ".join(enrolling.name.split())
    refuse_if(
        unproved(person, proved),
        Reason("name_missing", N_("Give the passkey a name by which you will know it."),
               field="name") if not name else None,
        Reason("name_long", N_("A name has at most %(count)d characters."),
               {"count": LONGEST_NAME}, "name") if len(name) > LONGEST_NAME else None,
        Reason("too_many_passkeys", N_("You have %(count)d passkeys. Revoke one that you do not "
                                       "use."), {"count": MOST})
        if len(passkeys_of(person)) >= MOST else None)
    passkey = _made(enrolling.sent, person, party, now)
    passkey.name = name
    taken = select(func.count()).where(Passkey.credential_id == passkey.credential_id)
    refuse_if(Reason("passkey_known", N_("This passkey is known here already."), field=METHOD)
              if db.session.scalar(taken) else None)
    db.session.add(passkey)
    enter(person, "passkey_enrolled", {
        "credential": passkey.credential_id, "key": key_text(passkey.public_key),
        "relying": party.id, "aaguid": passkey.aaguid, "label": name}, by=person, now=now)
    warn(person, "passkey_enrolled", now=now)
    return passkey


def _made(sent: str, person: Person, party: Relying, now: datetime) -> Passkey:
    """The row of the passkey that was sent, judged. Raises Refused."""
    refused = Refused(Reason("passkey_not_made", N_("The device has made no passkey for this page. "
                                                    "Try again."), field=METHOD))
    if not sent or len(sent) > LONGEST:
        raise refused
    try:
        credential = parse_registration_credential_json(sent)
        challenge = parse_client_data_json(credential.response.client_data_json).challenge
        found = verify_registration_response(
            credential=credential, expected_challenge=challenge, expected_rp_id=party.id,
            expected_origin=party.origin, require_user_verification=True)
        key = decode_credential_public_key(found.credential_public_key)
    except UNREADABLE as error:
        raise refused from error
    # What is signed with SHA-256 is signed on its curve: so every verifier reads it.
    if isinstance(key, DecodedEC2PublicKey) and key.crv != COSECRV.P256:
        raise refused
    if not spend(challenge, "enrol", person, now=now):
        raise refused
    transports = " ".join(each.value for each in credential.response.transports or [])
    return Passkey(
        person_id=person.id, credential_id=bytes_to_base64url(found.credential_id),
        public_key=found.credential_public_key, sign_count=found.sign_count,
        transports=transports, aaguid=found.aaguid[:36], created_at=now)


def unproved(by: Person, proved: Proof | Reason) -> Reason | None:
    """Why somebody has not proved anew who they are, or None."""
    if isinstance(proved, Reason):
        return proved
    return None if proved.person_id == by.id else Reason("no_proof", WRONG, field="password")


def revoke_passkey(
    passkey: Passkey, *, by: Person, proved: Proof | Reason, now: datetime
) -> None:
    """Let the passkey prove and sign nothing from now on; what it signed stays valid.

    One's own, or anybody's for an administrator; ``proved`` is of whoever does it. Raises
    Forbidden and Refused.
    """
    if passkey.person_id != by.id and not may(by, "manage_people"):
        raise Forbidden(N_("You can revoke your own passkeys only."))
    refuse_if(unproved(by, proved),
              Reason("revoked_already", N_("This passkey was revoked before."))
              if passkey.revoked_at is not None else None)
    _revoke(passkey, by, now)
    warn(passkey.person, "passkey_revoked", now=now)


def revoke_passkeys_of(person: Person, *, by: Person | None, now: datetime) -> None:
    """Revoke all of somebody who leaves."""
    for passkey in passkeys_of(person):
        _revoke(passkey, by, now)


def _revoke(passkey: Passkey, by: Person | None, now: datetime) -> None:
    passkey.revoked_at = now
    enter(passkey.person, "passkey_revoked", {"credential": passkey.credential_id}, by=by, now=now)


def use_passkey(
    attempt_id: int, given: Given, *, challenge: bytes, person: Person | None, now: datetime,
    asked: bool = True,
) -> Passkey | Reason:
    """The passkey, where its answer to ``challenge`` is right; then the attempt has succeeded.

    ``person`` is whose passkey it must be (None: whoever comes); ``asked`` says that the challenge
    was asked for once, and is no statement.
    """
    attempt = db.session.get_one(SignInAttempt, attempt_id)
    query = select(Passkey).where(Passkey.credential_id == given.credential_id).with_for_update()
    passkey = db.session.scalar(query)
    if passkey is None or passkey.revoked_at is not None or not passkey.person.is_active:
        return Reason("passkey_unknown", UNKNOWN, field=METHOD)
    if person is not None and passkey.person_id != person.id:
        return Reason("passkey_of_another", N_("This passkey is not %(name)s's. Nothing was "
                                               "signed."), {"name": person.name}, METHOD)
    counter = counter_of(given, passkey.public_key, our_party(), challenge)
    if counter is None:
        return Reason("passkey_wrong", WRONG, field=METHOD)
    miscounted = _miscounted(passkey, counter, asked=asked, now=now)
    if miscounted is not None:
        return miscounted
    passkey.sign_count, passkey.last_used_at, attempt.succeeded = counter, now, True
    db.session.flush()
    return passkey


def _miscounted(passkey: Passkey, counter: int, *, asked: bool, now: datetime) -> Reason | None:
    """What the counter says against the answer, or None; a passkey that does not count says 0.

    One that went back is entered in the owner's chain. One that stayed may be the same answer sent
    again, as by reloading a page; only where an answer is taken once does it speak of a copy.
    """
    if counter > passkey.sign_count or counter == passkey.sign_count == 0:
        return None
    if counter == passkey.sign_count and not asked:
        return Reason("passkey_used", N_("This answer was used before. Nothing was signed: read it "
                                         "again and sign anew."), field=METHOD)
    enter(passkey.person, "passkey_doubted", {
        "credential": passkey.credential_id, "kept": passkey.sign_count, "came": counter},
        by=None, now=now)
    return Reason("passkey_copied", N_(
        "The passkey counts its uses, and its count went back: it may have been copied. "
        "Nothing was done, and this was written down. Revoke it and enrol another."),
        field=METHOD)


def passkey_by_credential(credential_id: str) -> Passkey | None:
    """The passkey, in force or revoked, that a browser calls so."""
    return db.session.scalar(select(Passkey).where(Passkey.credential_id == credential_id[:1400]))


def passkey_by_id(passkey_id: int) -> Passkey | None:
    """The passkey of that number."""
    return db.session.get(Passkey, passkey_id)


