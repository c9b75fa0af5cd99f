"""Commands about the product itself: its catalogues of words."""

from __future__ import annotations

import click

from registry.config import ROOT
from registry.core import catalogues


@click.group()
def words() -> None:
    """The Russian words of the product."""


@words.command()
@click.option("--area", "chosen", type=click.Choice(catalogues.areas()), multiple=True,
              help="Only this area; may be given several times.")
def update(chosen: tuple[str, ...]) -> None:
    """Bring the catalogues up to the sources."""
    for area in chosen or catalogues.areas():
        lacking = catalogues.update(area)
        click.echo(f"{area}: {lacking} without Russian words")


@words.command(name="compile")
def compile_() -> None:
    """Compile the catalogues that changed."""
    for path in catalogues.compile_all():
        click.echo(f"compiled {path.relative_to(ROOT)}")


COMMANDS = (words,)
