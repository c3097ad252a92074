"""CUSIP numbers: nine characters, the last a check digit over the first eight.

The check digit adds the digits of each character's value, every second one doubled, and completes
the sum to ten. Letters count from 10; `*`, `@` and `#` are 36, 37 and 38.
"""

from __future__ import annotations

from typing import Final

from xl_compliance.rules.outcome import NEEDS_INPUT, Outcome, Step

LENGTH: Final = 9
_VALUES: Final = {c: i for i, c in enumerate("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ*@#")}


def valid(cusip: str | None) -> Outcome:
    """Whether a CUSIP has nine characters and its check digit is right.

    >>> valid("375175106").value, valid("375175107").value, valid("37517510").value
    (True, False, False)
    """
    if cusip is None:
        return Outcome(NEEDS_INPUT, "no CUSIP is given")
    number = cusip.replace(" ", "").replace("-", "").upper()
    if len(number) != LENGTH:
        lost = "; a number in a cell loses its leading zeros: store it as text"
        hint = lost if number.isdigit() and len(number) < LENGTH else ""
        return Outcome(False, f"{len(number)} characters, a CUSIP has {LENGTH}{hint}")
    if any(character not in _VALUES for character in number):
        return Outcome(False, "a character that no CUSIP has")
    digit = check_digit(number[:-1])
    return Outcome(
        number[-1] == digit,
        "the check digit is right" if number[-1] == digit else f"the check digit should be {digit}",
        working=lambda: (Step("CUSIP", number), Step("Check digit", digit, f"= {number[-1]}")),
    )


def check_digit(first_eight: str) -> str:
    """The check digit of a CUSIP's first eight characters.

    >>> check_digit("03783310")
    '0'
    """
    values = (_VALUES[c] * (1 + place % 2) for place, c in enumerate(first_eight))
    return str(-sum(value // 10 + value % 10 for value in values) % 10)
