"""``countersign doctor``: one line for each finding, and status 1 where something is unsafe."""

from __future__ import annotations

import json

import click
from flask.cli import with_appcontext
from flask_babel import gettext as _
from flask_babel import ngettext

from registry.admin.doctor.examining import Examination, examine
from registry.admin.doctor.findings import Installation, Level
from registry.core.languages import say_reason
from registry.core.settings import current_settings
from registry.core.times import utc_now


@click.command("doctor")
@click.option("--connect", is_flag=True, help="Talk to the mail server too.")
@click.option("--json", "as_json", is_flag=True, help="For programs: one JSON object.")
@with_appcontext
def doctor_command(connect: bool, as_json: bool) -> None:
    """Say what is missing or unsafe in this installation, and what to do. Changes nothing."""
    examined = examine(Installation(current_settings(), utc_now(), connect))
    if as_json:
        click.echo(json.dumps({
            "safe": examined.is_safe, "good": examined.good,
            "findings": [{"level": each.level.value, "code": each.reason.code,
                          "text": say_reason(each.reason)} for each in examined.findings]},
            ensure_ascii=False, indent=2))
    else:
        _tell(examined)
    if not examined.is_safe:
        raise SystemExit(1)


def _tell(examined: Examination) -> None:
    marks = {Level.UNSAFE: _("UNSAFE"), Level.LOOK: _("look")}
    width = max(map(len, marks.values()))
    for each in examined.findings:
        click.echo(f"{marks[each.level]:<{width}}  {say_reason(each.reason)}")
    click.echo(ngettext("%(num)d check found nothing.", "%(num)d checks found nothing.",
                        examined.good))


COMMANDS = (doctor_command,)
