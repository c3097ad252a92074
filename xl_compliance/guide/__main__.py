"""The guide's command: `python -m xl_compliance.guide`."""

from __future__ import annotations

from pathlib import Path

import click


@click.group(invoke_without_command=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.pass_context
def guide(context: click.Context) -> None:
    """Write every page of the guide anew, and run what the tutorials and the README show."""
    if context.invoked_subcommand is not None:
        return
    from xl_compliance.guide import pages, tutorials

    for name in [*pages.write(), *tutorials.refresh()]:
        click.echo(name)


@guide.command()
@click.argument("folder", type=click.Path(path_type=Path, file_okay=False))
def site(folder: Path) -> None:
    """Build the guide as a website into a folder; a link that leads nowhere is an error."""
    from xl_compliance.guide.website import build

    build(folder)
    click.echo(f"{folder}: written. Open index.html in it; its search needs python -m http.server")


@guide.command()
def gallery() -> None:
    """Render every picture of the gallery anew (LibreOffice, Chromium, ImageMagick, poppler)."""
    from xl_compliance.guide.gallery import CannotRender, render_all

    try:
        for picture in render_all():
            click.echo(f"{picture}: {picture.stat().st_size:,} bytes")
    except CannotRender as problem:
        raise click.ClickException(str(problem)) from None


if __name__ == "__main__":
    guide(prog_name="python -m xl_compliance.guide")
