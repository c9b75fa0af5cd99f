"""Acts on a ticket: every one shows its statement, asks for what the lifecycle asks for, and is
signed with the password, or a passkey, given at that moment.

Each view checks the form, proves the signers, opens one transaction and calls one verb.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _

from registry.core.db import atomic
from registry.core.errors import Conflict, Reason, Refused
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, found, show_reasons
from registry.people.access import all_signed, is_rehearsal, me, signing_by
from registry.people.models import Person
from registry.people.signing import Signing
from registry.tickets.act_forms import (
    PartiesForm,
    SigningForm,
    filled,
    opening_form,
)
from registry.tickets.acts import engine_for, move_of, open_handoff
from registry.tickets.blueprint import bp
from registry.tickets.handoff_judging import Offer, opening_need, opening_principal
from registry.tickets.handoff_models import Handoff
from registry.tickets.handoffs import offer_handoff, opening_statement
from registry.tickets.joint import joint_text, propose_cancelling
from registry.tickets.models import Ticket
from registry.tickets.rehearsal import rehearsed
from registry.tickets.service import Making, make_move, making_text
from registry.tickets.ticket_queries import receivers_for, ticket_by_number, witnesses_for
from registry.tickets.turns import NEXT, givers_here, is_bystander
from workflows import Move

Answer = str | Response | tuple[str, int]


@dataclass(frozen=True)
class Parties:
    """Who gives, who was chosen to receive and to witness, and who could be."""

    giver: Person
    givers: list[Person]
    receiver: Person | None
    witness: Person | None
    receivers: list[Person]
    witnesses: list[Person]
    needs_witness: bool

    @property
    def complete(self) -> bool:
        """Whether the statement can be shown."""
        return self.receiver is not None and (self.witness is not None or not self.needs_witness)


@bp.route("/tickets/<int:number>/moves/<name>", methods=["GET", "POST"])
def act(number: int, name: str) -> Answer:
    """Begin a move: offer a handoff, make a move alone, or propose an act of two signatures."""
    ticket = found(ticket_by_number(number))
    move = move_of(ticket, name)
    if move.handoff is not None:
        return _offer(ticket, move)
    return _alone(ticket, move)


@bp.route("/tickets/<int:number>/together/<name>", methods=["GET", "POST"])
def together(number: int, name: str) -> Answer:
    """Begin a handoff that all sign at one screen, whoever's it is: the giver signs here, then the
    page of the handoff asks the others in turn."""
    ticket = found(ticket_by_number(number))
    return _offer(ticket, move_of(ticket, name), together=True)


def _offer(ticket: Ticket, move: Move, *, together: bool = False) -> Answer:
    givers = givers_here(ticket, move, me(), now=utc_now()) if together else [me()]
    parties = chosen_parties(ticket, move, givers)
    if not parties.complete:
        return _choose(ticket, move, parties, "tickets.together" if together else "tickets.act")
    form, giver = opening_form(move), parties.giver
    call_by_name(form, giver)

    def page(reasons: list[Reason]) -> str:
        return _offer_page(ticket, move, parties, form, reasons, together=together)

    if form.is_submitted():
        assert parties.receiver is not None
        signing = signing_of(form, giver)
        offer = Offer(move.name, parties.receiver, parties.witness, form.reason.data or "",
                      filled(form, move, by_receiver=False))
        return settle(form, lambda: offer_handoff(ticket, offer, by=giver, signing=signing,
                                                  now=utc_now()),
                      _("Offered to %(name)s. It stays where it is until they sign.",
                        name=parties.receiver.name), ticket, page,
                      onward=(lambda: _page_of_handoff(ticket)) if together else None)
    form.show(ticket)
    return page([])


def _page_of_handoff(ticket: Ticket) -> str:
    """Where the others sign what was just offered."""
    return page_of_turns(found(open_handoff(ticket)))


def page_of_turns(handoff: Handoff) -> str:
    """Where the others sign. At the screen of none of them the page is asked for whoever is next:
    by itself it would only tell how it stands."""
    here = is_bystander(handoff, me(), now=utc_now())
    return url_for("tickets.sign_together", handoff_id=handoff.id, part=NEXT if here else None)


def _alone(ticket: Ticket, move: Move) -> Answer:
    form = opening_form(move)
    if form.is_submitted():
        signing = signing_of(form, me())
        return settle(form, lambda: _make(ticket, move, form, signing),
                      _("Signed: %(move)s.", move=move.title.said(language())), ticket,
                      lambda reasons: _alone_page(ticket, move, form, reasons))
    form.show(ticket)
    return _alone_page(ticket, move, form, [])


def _make(ticket: Ticket, move: Move, form: SigningForm, signing: Signing) -> None:
    reason = form.reason.data or "" if "reason" in form else ""
    fields = filled(form, move, by_receiver=False)
    if move.is_joint:
        propose_cancelling(ticket, reason=reason, by=me(), signing=signing, now=utc_now(),
                           move=move.name, fields=fields)
    else:
        make_move(ticket, Making(move.name, reason, fields), by=me(), signing=signing,
                  now=utc_now())


def call_by_name(form: SigningForm, signer: Person) -> None:
    """Where another than the reader signs, the password is asked of them by name, and no browser
    keeps it for the person at the screen."""
    if signer.id != me().id:
        form["password"].label.text = _("Password of %(name)s", name=signer.name)
        form["password"].render_kw = {"autocomplete": "off"}


def signing_of(form: SigningForm, signer: Person) -> Signing:
    """The signer's proof, by the password of the form or by a passkey."""
    return signing_by(signer, form.password.data or "", nonce=form.nonce.data or "",
                      now=utc_now(), shown_head=form.shown_head.data or "", passkey="passkey")


def settle(form: SigningForm, verb: Callable[[], object], done: str, ticket: Ticket,
           page: Callable[[list[Reason]], str], *,
           onward: Callable[[], str] | None = None) -> Answer:
    """Run one verb in one transaction: then the ticket's page or the address that ``onward``
    gives; or the form with all reasons and all that was typed, for the ticket as it stands now."""
    number = ticket.number
    if is_rehearsal():
        return rehearsed(verb, [ticket])
    try:
        with atomic():
            verb()
            all_signed()
    except Refused as error:
        reasons = told_again(form, error)
        form.show(found(ticket_by_number(number)))
        return page(reasons), error.status
    flash_done(done)
    where = onward() if onward is not None else url_for("tickets.show", number=number)
    return redirect(where, 303)  # type: ignore[return-value]


def told_again(form: SigningForm, error: Refused) -> list[Reason]:
    """The reasons without a field, the others beside theirs. What happened a moment before is one
    of the former: what was typed is still there, and is signed by a new statement."""
    return list(error.reasons) if error.status == Conflict.status else show_reasons(form, error)


def chosen_parties(ticket: Ticket, move: Move, givers: list[Person]) -> Parties:
    """Giver, receiver and witness as chosen in the address; the first of the givers and the only
    possible receiver and witness are chosen already."""
    giver = _picked(givers, request.args.get("giver")) or givers[0]
    receivers = receivers_for(ticket, move, giver)
    receiver = _picked(receivers, request.args.get("receiver"))
    witnesses = witnesses_for(ticket, move, giver, receiver)
    needs = bool(move.handoff and move.handoff.witness)
    return Parties(giver, givers, receiver,
                   _picked(witnesses, request.args.get("witness")) if needs else None,
                   receivers, witnesses, needs)


def _picked(people: list[Person], wanted: str | None) -> Person | None:
    if len(people) == 1:
        return people[0]
    return next((each for each in people if str(each.id) == wanted), None)


def _choose(ticket: Ticket, move: Move, parties: Parties, endpoint: str) -> str:
    form = PartiesForm(request.args)
    form.offer(parties.receivers, parties.witnesses)
    if parties.receiver is not None:
        form.receiver.data = str(parties.receiver.id)
    if parties.witness is not None:
        form.witness.data = str(parties.witness.id)
    asked = bool(request.args.keys() & {"receiver", "witness"})
    return render_template("tickets/choose.html", ticket=ticket, move=move, form=form,
                           parties=parties, asked=asked,
                           target=url_for(endpoint, number=ticket.number, name=move.name))


def _offer_page(ticket: Ticket, move: Move, parties: Parties, form: SigningForm,
                reasons: list[Reason], *, together: bool) -> str:
    assert parties.receiver is not None
    principal = opening_principal(ticket, move, parties.giver, utc_now())
    return render_template(
        "tickets/act.html", ticket=ticket, move=move, form=form, parties=parties,
        signer=parties.giver, together=together, reasons=reasons,
        statement=opening_statement(ticket, move, parties.receiver, language(),
                                    on_behalf_of=principal),
        meaning=_meaning(ticket, opening_need(move).meaning))


def _alone_page(ticket: Ticket, move: Move, form: SigningForm, reasons: list[Reason]) -> str:
    need = opening_need(move)
    principal = opening_principal(ticket, move, me(), utc_now())
    text = (joint_text if move.is_joint else making_text)(ticket, move, language(),
                                                          on_behalf_of=principal)
    return render_template("tickets/act.html", ticket=ticket, move=move, form=form, parties=None,
                           signer=me(), together=False,
                           reasons=reasons, statement=text,
                           meaning=_meaning(ticket, need.meaning))


def _meaning(ticket: Ticket, name: str) -> str:
    meaning = engine_for(ticket).workflow.meanings.get(name)
    return meaning.said(language()) if meaning else name
