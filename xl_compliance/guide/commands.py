"""The page of the command: every subcommand with its arguments and options, from click."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import click

from xl_compliance.cli import EXIT_CODES, main
from xl_compliance.guide.markdown import code, page, plain, section, table


def every_command(
    group: click.Group = main, name: str = "xl-compliance"
) -> Iterator[tuple[str, click.Command]]:
    """Every subcommand by the name it is typed with, in alphabetical order."""
    for word, command in sorted(group.commands.items()):
        typed = f"{name} {word}"
        if isinstance(command, click.Group):
            yield from every_command(command, typed)
        else:
            yield typed, command


def commands_page() -> str:
    """The page of the command."""
    parts = [section(name, _command(name, command)) for name, command in every_command()]
    return page(
        "The command",
        (
            "`xl-compliance COMMAND --help` says the same at the prompt; `-h` does too, and "
            "`xl-compliance --version` tells the version.",
            "",
            plain(" ".join(EXIT_CODES.split())),
            "",
        ),
        *parts,
    )


def _command(name: str, command: click.Command) -> Iterator[str]:
    for paragraph in (command.help or "").split("\n\n"):
        yield from (plain(" ".join(paragraph.split())), "")
    context = click.Context(command, info_name=name)
    yield from ("```text", " ".join(command.get_usage(context).split()[1:]), "```", "")
    options = [it for it in command.params if isinstance(it, click.Option)]
    yield from table(
        ("Option", "What it does"),
        ((_spelled(it, context), _said(it, context)) for it in options),
    )


def _spelled(option: click.Option, context: click.Context) -> str:
    value = "" if option.is_flag else f" {_value(option, context)}"
    return ", ".join(code(f"{spelling}{value}") for spelling in option.opts)


def _value(option: click.Option, context: click.Context) -> str:
    if isinstance(option.type, click.Choice):
        return "WORD"
    if isinstance(option.type, (click.IntRange, click.FloatRange)):
        return "NUMBER"
    return option.make_metavar(context)


def _said(option: click.Option, context: click.Context) -> str:
    said: Any = option.get_help_record(context)
    words = option.type.choices if isinstance(option.type, click.Choice) else ()
    listed = ", ".join(code(str(word)) for word in words)
    return plain(said[1]) + (f" One of {listed}." if listed else "")
