"""What a host's function wizard says, out of the registry."""

from __future__ import annotations

from xl_compliance.functions.registry import Argument, Shape


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
