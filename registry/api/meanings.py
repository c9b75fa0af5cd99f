"""What the names in the API mean: each request and each field in one sentence, said once.

The document carries them in English, the page of the API in the reader's language. A name means the
same wherever it stands; where it does not, the shape is named before it.
"""

from __future__ import annotations

from registry.core.words import N_

REQUESTS = {
    "clients": N_("Clients that are served, by name."),
    "add_client": N_("Enter a client."),
    "sites": N_("Sites in use: places where the service arrives, and what feeds them."),
    "add_site": N_("Enter a site of a client, or a node of our own network."),
    "people": N_("Who works here, by name."),
    "tickets": N_("The registry, with the filters of its page on the screen."),
    "log": N_("Log a problem found at a client; it is in your hands then."),
    "ticket": N_("One ticket. Its `ETag` is the hash of the last entry of its ledger."),
    "ledger": N_("The ticket's entries with the statements that were signed, in their order."),
    "moves": N_("What you may do with the ticket now, what each step needs, else why not."),
    "move": N_("Make a move that keeps the holder, or propose one that a second person must sign "
               "too."),
    "offer": N_("Offer the ticket, signed by the giver; the holder stays the same until it is "
                "accepted."),
    "check": N_("Record the client's check, signed by the originator: `gone` closes the ticket, "
                "`not_gone` offers it back to the one who mended it last."),
    "agree": N_("Give the second signature under a proposed cancelling."),
    "withdraw_cancelling": N_("Take a proposed cancelling back."),
    "accept": N_("Sign as the receiver: the ticket is in your hands as soon as all have signed."),
    "witness": N_("Sign as the witness."),
    "decline": N_("Refuse to take the ticket, with the reason."),
    "withdraw": N_("Take the offer back."),
    "show": N_("What the request above it would sign and change, for a passkey; nothing of it is "
               "kept."),
    "desk": N_("What waits for you, what is in your hands, what you gave or signed, whom to call "
               "back."),
    "daily_report": N_("The report on a day that is over: as it was made, else counted now."),
    "checkpoint": N_("The last signed note over the ledger: text, or JSON where `Accept` prefers "
                     "it."),
}

MOMENT = N_("A moment in ISO 8601, in UTC.")

FIELDS = {
    # where things are
    "id": N_("Its number."), "HandoffOut.id": N_("The ticket and the entry that offered it, as in "
                                                 "1042-3."),
    "number": N_("The ticket's number."), "ticket": N_("The ticket's number."),
    "handoff": N_("The handoff's id, as in 1042-3."),
    "TicketOut.handoff": N_("The handoff that is offered and not yet answered."),
    "day": N_("A day that is over, as in 2026-11-24."),
    "Idempotency-Key": N_("A key of your own: a repeat under it gets the first answer and acts no "
                          "second time."),
    "If-Match": N_("The `ETag` that you saw: nothing is done where the ticket has changed."),
    "cursor": N_("Where the page begins: `next` of the page before."),
    "size": N_("How many at most on a page."),
    "CheckpointOut.size": N_("How many entries the checkpoint covers."),
    "items": N_("What was found, in its order."),
    "next": N_("Send it as `cursor` for the next page; `null` on the last."),
    # clients, sites, people
    "name": N_("The name."), "login": N_("By what the person signs in."),
    "department": N_("The department."), "roles": N_("The person's roles."),
    "away_until": N_("Until when the person is away; `null` for who is here."),
    "deputy": N_("Who stands in during the absence."),
    "tier": N_("The client's tier."), "key_person": N_("The client's key person."),
    "sites": N_("How many sites the client has."),
    "known_by": N_("Who of us knows the client."), "address": N_("The address."),
    "fed_by": N_("The site that feeds it."),
    # a ticket
    "client": N_("The client."), "SiteIn.client": N_("The client; left out for a node of our own "
                                                     "network."),
    "site": N_("The site where it was found."), "contact": N_("Who told you."),
    "criterion": N_("What was measured."),
    "summary": N_("What is wrong, in a few words."), "description": N_("Details."),
    "measured": N_("The measured value, a decimal number as text."),
    "norm": N_("The norm, as it stood when the ticket was logged."),
    "opinion": N_("The client's own opinion, beside what was measured."),
    "opinion_words": N_("The opinion in the client's own words."),
    "state": N_("The state in the ticket's lifecycle."),
    "HandoffOut.state": N_("Offered, accepted, declined, withdrawn or lapsed."),
    "is_open": N_("Whether the ticket has not ended."),
    "originator": N_("Who raised it, and gets it back."),
    "holder": N_("In whose hands it is now."),
    "holder_since": N_("Since when it is in these hands."),
    "state_since": N_("Since when it is in this state."), "logged_at": N_("When it was logged."),
    "promised_at": N_("By when it is promised."), "mended_at": N_("When it was mended."),
    "ended_at": N_("When it ended."), "on_hold_until": N_("Until when it is on hold."),
    "next_step": N_("What the receiver does next, in the own words."),
    "next_step_by": N_("By when: ISO 8601 with its zone."),
    "what_was_wrong": N_("What was wrong."), "what_was_done": N_("What was done."),
    "client_check": N_("What the client found at the last check."),
    "reopen_count": N_("How often the client said that it is not gone."),
    "head": N_("The hash of the last entry of its ledger, and its `ETag`."),
    "head_seq": N_("The number of that entry."),
    # what is sent with an act
    "move": N_("The step by its name, as `moves` gives it."),
    "HandoffIn.move": N_("The step by its name; may be left out where only one handoff may be "
                         "begun now."),
    "fields": N_("The fields that the step asks for, as text; dates in ISO 8601 with their zone."),
    "MoveOut.fields": N_("The fields that the step asks for, and of whom."),
    "reason": N_("The reason in the own words."),
    "MoveOut.reason": N_("Whether a reason is `off`, `allowed` or `required`."),
    "receiver": N_("Who is to take it."),
    "CheckIn.receiver": N_("Who takes it back into work; only where the one who mended it last has "
                           "left."),
    "witness": N_("In whose presence it is handed over."),
    "note": N_("A note in the own words."),
    "CheckIn.note": N_("What was said, in the client's words."),
    "CheckpointOut.note": N_("The signed note itself."),
    "result": N_("What the client found."),
    "contact_name": N_("Who checked at the client's."),
    "sure": N_("That the client confirmed it is gone, although the note reads otherwise."),
    "signature": N_("The proof that you sign: your password, given for this act, or your passkey's "
                    "answer to what `…/statements` told."),
    "witness_signature": N_("The witness's own proof, given beside you."),
    "method": N_("How the signature is proved."), "secret": N_("The password of whoever signs."),
    "assertion": N_("The passkey's answer to what `…/statements` told."),
    "credential": N_("The answer as WebAuthn gives it in JSON (`PublicKeyCredential.toJSON`)."),
    "AssertionIn.at": N_("`at` of what was shown."),
    "AssertionIn.statements": N_("The hashes of the statements that were shown, in their order."),
    "nonce": N_("A text of your own that signs once."),
    "Statements.nonce": N_("Send it with the signature: it signs once."),
    "Statements.shown_head": N_("Send it with the signature: where the ticket has changed since, "
                                "nothing is signed."),
    "Statements.at": N_("When it was shown; this moment stands in the statements."),
    "Statements.statements": N_("What would be signed, one by one."),
    "ShownStatement.content": N_("The statement as it is hashed; `text` is what to show."),
    "ShownStatement.hash": N_("SHA-256 of the statement as canonical JSON (RFC 8785)."),
    "challenge": N_("What the passkey signs, in `base64url`: the hash of the only statement, or of "
                    "the list of their hashes. Compute it from what you show, and compare."),
    "options": N_("By what a browser asks for the passkey; `challenge` is added."),
    "changes": N_("What would become otherwise."), "was": N_("What it is now."),
    "becomes": N_("What it would become."),
    "shown_head": N_("`head` of the ticket as the signer was shown it; where it has changed since, "
                     "nothing is signed."),
    # the filters of the registry
    "q": N_("Words to search for."), "show": N_("Open ones, ended ones, or all."),
    "age": N_("Logged more than so many days ago."),
    "sort": N_("The order: newest first, nearest promise first, longest in the same hands first."),
    "late": N_("1: only those whose promise is broken."),
    "unaccepted": N_("1: only those that nobody has taken yet."),
    "with_client": N_("1: only those that are mended and wait for the client's check."),
    "on_hold": N_("1: only those on hold."),
    "mine": N_("1: only those in your hands or raised by you."),
    "query.holder": N_("In whose hands it is now: the person's number."),
    "query.originator": N_("Who raised it: the person's number."),
    "query.department": N_("The department's number."),
    "query.client": N_("The client's number."), "query.site": N_("The site's number."),
    "query.criterion": N_("The criterion's number."),
    # a ticket in a list, a handoff
    "offered_to": N_("To whom it is offered; empty for none."),
    "giver": N_("Who gives it."), "offered_at": N_("When it was offered."),
    "receiver_signed_at": N_("When the receiver signed."),
    "witness_signed_at": N_("When the witness signed."),
    # what may be done
    "may_check": N_("Whether you may record the client's check now."),
    "check_receivers": N_("Who may take it back into work where the one who mended it last has "
                          "left; else empty."),
    "title": N_("Its name in your language."), "allowed": N_("Whether you may begin it now."),
    "how": N_("By which request: `move`, `handoff`, or `joint` for two signatures."),
    "needs_witness": N_("Whether a witness must be named."),
    "signatures": N_("Who signs, and what the signature means."),
    "receivers": N_("Who may be the receiver."), "witnesses": N_("Who may be the witness."),
    "reasons": N_("Everything that stands against it."),
    # the ledger
    "seq": N_("Its place in the chain, from 1."), "at": MOMENT,
    "kind": N_("What happened."), "by": N_("Who did it."),
    "content": N_("The entry as it is hashed."),
    "words": N_("The texts that stand sealed in it; `null` for one that was erased by law."),
    "statements": N_("The statements that were signed."),
    "prev_hash": N_("The hash of the entry before."), "hash": N_("Its own hash."),
    "place": N_("Its place under the checkpoints; `null` before the next one."),
    "root": N_("The root of the tree over these entries."),
    # the desk and the report
    "counts": N_("How many there are in all; the lists are bounded."),
    "to_sign": N_("Handoffs that wait for your signature."),
    "to_witness": N_("Handoffs that wait for you as the witness."),
    "to_agree": N_("Cancellings that wait for your signature."),
    "held": N_("What is in your hands, by promise."),
    "given": N_("What you gave and nobody has taken yet."),
    "signed": N_("What you signed as the receiver or the witness and not all have signed yet."),
    "to_call_back": N_("Clients to call back."),
    "for_whom": N_("For which absent person you sign; empty for yourself."),
    "sheet": N_("The handover sheet that it is a line of."),
    "proposed_by": N_("Who proposed it."), "is_late": N_("Whether the promise is broken."),
    "since": N_("Since when."),
    "waiting": N_("Handoffs that wait for your signature, as the receiver or the witness."),
    "calls": N_("Clients to call back."),
    "frozen": N_("Whether it is as it was made and sent."), "data": N_("The report."),
    # problems
    "type": N_("Always `about:blank`."), "Problem.title": N_("The status in words."),
    "status": N_("The status."), "detail": N_("What to do, in your language."),
    "instance": N_("The number of the request, as in the logs."),
    "errors": N_("Every reason."), "code": N_("A stable code for programs."),
    "pointer": N_("The place in what was sent: a JSON pointer, or the name of a parameter or "
                  "header."),
    "happened": N_("The entries since the ticket was as you saw it."),
}


def meaning(shape: str, name: str) -> str:
    """What the field of that name means in the shape (or the parameter, for which the shape is
    ``query``, ``path`` or ``header``). Raises KeyError for a name unheard of."""
    return FIELDS.get(f"{shape}.{name}") or FIELDS[name]
