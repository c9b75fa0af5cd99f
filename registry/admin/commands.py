"""The commands of running an installation, gathered from their files."""

from __future__ import annotations

from registry.admin import backup_commands, erasing_commands, signature_commands
from registry.admin.doctor import commands as doctor_commands

COMMANDS = (*backup_commands.COMMANDS, *erasing_commands.COMMANDS, *signature_commands.COMMANDS,
            *doctor_commands.COMMANDS)
