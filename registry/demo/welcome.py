"""What the terminal says when the demo starts: an account for each person of the domain's table."""

from __future__ import annotations

from collections.abc import Iterator

from registry.people.demo import DEMO_PASSWORD, demo_accounts


def accounts() -> Iterator[str]:
    """One line for each account, and the password that they share."""
    yield f"Sign in by one tap, or with the password {DEMO_PASSWORD!r}:"
    for account in demo_accounts():
        yield f"  {account.login:<12} {account.name:<24} {account.role.value.replace('_', ' ')}"
