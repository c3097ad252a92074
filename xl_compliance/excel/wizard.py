"""What a host's function wizard says, out of the registry."""

from __future__ import annotations

from dataclasses import replace

from xl_compliance.functions.registry import Argument, Function, Shape, all_functions


def argument_help(argument: Argument) -> str:
    """What an argument is, how it takes a range, and what a blank is read as.

    >>> from xl_compliance.functions.registry import find
    >>> argument_help(find("ISSUANCEPCT").arguments[1])  # doctest: +ELLIPSIS
    '...; a range is summed'
    """
    said = [argument.help]
    if argument.shape in (Shape.SUMMED, Shape.ROWS):
        said.append(argument.shape.value)
    if argument.when_blank:
        said.append(f"if blank: {argument.when_blank}")
    return "; ".join(said)


def worksheet_arguments(function: Function) -> list[Argument]:
    """A function's arguments, "any number of further ones" as so many as any function has."""
    arguments: list[Argument] = []
    for argument in function.arguments:
        if argument.shape is Shape.REST:
            most = max(len(each.arguments) for each in all_functions())
            arguments += [replace(argument, name=f"{argument.name}_{n + 1}") for n in range(most)]
        else:
            arguments.append(argument)
    return arguments
