"""The page of the rules of signatures: how long a session is unbroken, what needs a passkey, and
who could not sign then."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from flask import Response, redirect, render_template, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from registry.admin.blueprint import bp
from registry.admin.forms import SignatureRulesForm
from registry.clients.models import Tier
from registry.clients.wording import tier_name
from registry.core.db import atomic
from registry.core.errors import Reason, Refused
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, show_reasons
from registry.ledger.entries import content_of, entries_of
from registry.people.access import me, permitted
from registry.people.confirming import confirmed
from registry.people.models import Role
from registry.people.names import role_name
from registry.people.passkey_counts import Counted, Holders, holders
from registry.people.passkeys import passkeys_of
from registry.people.queries import names_by_ref
from registry.people.rule_models import THE_ONE, signature_rules
from registry.tickets.lifecycles import current_moves
from registry.tickets.requirements import asked_for, floor
from registry.tickets.signature_rules import change_signature_rules

Answer = str | Response | tuple[str, int]
LATEST = 20


@dataclass(frozen=True)
class Line:
    """One thing that a passkey may be asked for: how it is called, whether it is asked now, whether
    by the installation itself, and who would have to sign with one."""

    name: str
    title: str
    is_fixed: bool
    counted: Counted


@dataclass(frozen=True)
class Group:
    """Lines of one kind."""

    title: str
    about: str
    lines: list[Line]


@dataclass(frozen=True)
class Change:
    """One change of the rules, as the ledger says it."""

    at: object
    by: str
    minutes: int
    asked: list[str]


@bp.route("/settings/signatures", methods=["GET", "POST"])
@permitted("manage_signature_rules")
def signatures() -> Answer:
    """Show the rules of signatures and take new ones."""
    form = SignatureRulesForm()
    if not form.is_submitted():
        return _page(form, [], fresh=True)
    now = utc_now()
    wanted, proved = form.wanted(), confirmed(form, now=now)
    try:
        with atomic():
            change_signature_rules(wanted, by=me(), proved=proved, now=now)
    except Refused as error:
        return _page(form, show_reasons(form, error)), 422
    flash_done(_("The rules of signatures are in force."))
    return redirect(url_for("admin.signatures"), 303)  # type: ignore[return-value]


def _page(form: SignatureRulesForm, reasons: list[Reason], *, fresh: bool = False) -> str:
    rules, found, titles = signature_rules(), holders(), _titles()
    asked = asked_for(rules)
    if fresh:
        form.show(rules, asked)
    return render_template(
        "admin/signatures.html", form=form, reasons=reasons,
        groups=list(_groups(titles, asked, found)),
        everybody=found.of(""), mine=len(passkeys_of(me())), changes=list(_changes(titles)))


def _titles() -> dict[str, str]:
    """What can be asked for, as people call it: moves, roles, tiers."""
    return {
        **{f"move:{name}": move.title.said(language()) for name, move in current_moves().items()},
        **{f"role:{role.value}": role_name(role) for role in Role},
        **{f"tier:{tier.value}": tier_name(tier) for tier in Tier}}


GROUPS = (
    ("move", _l("Steps"), _l("Whoever makes the step; giver, receiver and witness alike.")),
    ("role", _l("Roles"), _l("Whatever the person signs.")),
    ("tier", _l("Clients"), _l("Whatever is signed on tickets of such clients.")))


def _groups(titles: dict[str, str], asked: frozenset[str], found: Holders) -> Iterator[Group]:
    gone = sorted(asked - titles.keys())  # a step of an earlier version of a lifecycle
    for kind, title, about in GROUPS:
        names = [name for name in (*titles, *gone) if name.startswith(f"{kind}:")]
        yield Group(title, about, [Line(name, titles.get(name, name), name in floor(),
                                        found.of(name)) for name in names])


def _changes(titles: dict[str, str]) -> Iterator[Change]:
    """The latest changes, the newest first."""
    entries = entries_of(f"signature_rules:{THE_ONE}")[:-LATEST - 1:-1]
    names = names_by_ref({entry.actor for entry in entries})
    for entry in entries:
        said = content_of(entry)
        yield Change(entry.at, names.get(entry.actor, _("the operator")), said["unbroken_minutes"],
                     [titles.get(each, each) for each in said["passkeys_for"]])
