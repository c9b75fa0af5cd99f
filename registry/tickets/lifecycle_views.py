"""The lifecycles: which versions are published, how they are drawn, where a ticket stands in one;
publishing a new version, which must prove itself first, and carrying tickets over to it."""

from __future__ import annotations

from collections.abc import Sequence

from flask import Response, redirect, render_template, request, url_for
from flask_babel import gettext as _
from flask_babel import ngettext
from markupsafe import Markup

from registry.core.db import atomic
from registry.core.languages import language
from registry.core.times import utc_now
from registry.core.web import flash_done, found
from registry.people.access import me, permitted
from registry.tickets.blueprint import bp
from registry.tickets.carrying import carry_all
from registry.tickets.lifecycles import CATALOGUE, engine_of, publish_lifecycle, published
from registry.tickets.models import Ticket
from registry.tickets.ticket_queries import ticket_by_number
from registry.tickets.versions import lifecycle_by_digest, versions
from workflows import BadDefinition, Finding, Workflow, loads, narrow_svg, publish, svg

LARGEST = 256 * 1024
AT_A_TIME = 500
Answer = str | Response | tuple[str, int]


@bp.get("/lifecycles")
@permitted("see_registry")
def lifecycles() -> str:
    """The newest version of each lifecycle; with ``here`` the version of one ticket, its state
    marked."""
    number = request.args.get("here", "")
    ticket = _ticket(number) if number else None
    if ticket is not None:
        return _version_page(ticket.lifecycle_digest, ticket)
    return _list_page()


@bp.get("/lifecycles/<digest>")
@permitted("see_registry")
def lifecycle(digest: str) -> str:
    """One published version."""
    return _version_page(found(lifecycle_by_digest(digest)).digest, None)


@bp.post("/lifecycles")
@permitted("manage_lifecycles")
def publish_version() -> Answer:
    """Check a definition, or publish it where it proves itself; else show every finding."""
    text, findings = _definition()
    workflow = None
    if not findings:
        workflow, findings = _proved(text)
    if findings or workflow is None:
        return _list_page(text, findings), 422
    if request.form.get("act") != "publish":
        return _list_page(text, (), workflow)
    with atomic():
        digest = publish_lifecycle(workflow, by=me(), now=utc_now()).digest
    flash_done(_("Published: %(title)s, version %(version)s.",
                 title=workflow.title.said(language()), version=workflow.version))
    return redirect(url_for("tickets.lifecycle", digest=digest), 303)  # type: ignore[return-value]


@bp.post("/lifecycles/<digest>/carry")
@permitted("manage_lifecycles")
def carry_to_version(digest: str) -> Answer:
    """Carry the open tickets of earlier versions over to this one."""
    target = found(lifecycle_by_digest(digest)).digest
    done = carry_all(target, by=me(), now=utc_now(), most=AT_A_TIME)
    if done.refused or not done.is_all:
        return render_template("tickets/carried.html", done=done, digest=target,
                               workflow=engine_of(target).workflow)
    flash_done(ngettext("%(num)d ticket is carried over.", "%(num)d tickets are carried over.",
                        done.count))
    return redirect(url_for("tickets.lifecycle", digest=target), 303)  # type: ignore[return-value]


def _list_page(text: str = "", findings: Sequence[Finding] = (),
               checked: Workflow | None = None) -> str:
    """The newest versions, and the form; ``checked`` is a definition that has proved itself."""
    every = versions()
    drawn = {each.digest: _drawing(each.workflow, None) for each in every if each.is_newest}
    return render_template("tickets/lifecycles.html", versions=every, drawn=drawn, text=text,
                           findings=findings, checked=checked,
                           preview=_drawing(checked, None) if checked else "")


def _version_page(digest: str, ticket: Ticket | None) -> str:
    every = versions()
    version = found(next((each for each in every if each.digest == digest), None))
    older = [each for each in every if each.workflow.name == version.workflow.name
             and each.workflow.version < version.workflow.version]
    return render_template(
        "tickets/lifecycle.html", version=version, ticket=ticket,
        drawing=_drawing(version.workflow, ticket.state if ticket else None),
        others=[each for each in every if each.workflow.name == version.workflow.name
                and each.digest != digest],
        left_behind=sum(each.open_tickets for each in older) if version.is_newest else 0)


def _drawing(workflow: Workflow, here: str | None) -> Markup:
    """The drawing for a desk and that for a phone, of which the style shows one: made by the engine
    from the definition, its titles escaped there."""
    return Markup(svg(workflow, language(), here) + narrow_svg(workflow, language(), here))


def _definition() -> tuple[str, Sequence[Finding]]:
    """The text that was sent, as a file or in the field; or why it cannot be read."""
    file = request.files.get("file")
    if file is None or not file.filename:
        return request.form.get("definition", ""), ()
    data = file.stream.read(LARGEST + 1)
    if len(data) > LARGEST:
        return "", (Finding(_("the file"), _("It is larger than any lifecycle."),
                            _("Choose the definition, a TOML file.")),)
    try:
        return data.decode("utf-8-sig"), ()
    except UnicodeDecodeError:
        return "", (Finding(_("the file"), _("It is no text in UTF-8."),
                            _("Choose the definition, a TOML file.")),)


def _proved(text: str) -> tuple[Workflow | None, Sequence[Finding]]:
    """The definition where it reads and proves itself against what is published, else why not."""
    try:
        workflow = loads(text)
        publish(workflow, CATALOGUE, published())
    except BadDefinition as error:
        return None, error.findings
    return workflow, ()


def _ticket(number: str) -> Ticket:
    wanted = int(number) if number.isascii() and number.isdecimal() and len(number) < 16 else 0
    return found(ticket_by_number(wanted))
