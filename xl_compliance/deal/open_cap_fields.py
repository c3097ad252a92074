"""The fields of an object of the Open Cap Table Format, read exactly or refused."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any, Final

from xl_compliance.rules.exact import Exact, quotient

_NUMBER: Final = re.compile(r"[+-]?[0-9]{1,30}(\.[0-9]{1,10})?", re.ASCII)


class Unclear(ValueError):
    """A field that is missing or not as the format has it."""


def number_of(item: Mapping[str, Any], key: str) -> Exact:
    """A number, which the format writes as text."""
    value = item.get(key)
    if isinstance(value, bool) or not _NUMBER.fullmatch(str(value)):
        raise Unclear(f'{key}: "{value}" was read, a number such as "1000.00" expected')
    number = Decimal(str(value))
    return int(number) if number == number.to_integral_value() else number


def quantity_of(item: Mapping[str, Any], key: str) -> Exact:
    """A number that is not below zero."""
    number = number_of(item, key)
    if number < 0:
        raise Unclear(f'{key}: "{item[key]}" is negative')
    return number


def money_of(item: Mapping[str, Any], key: str) -> Exact:
    """The amount of money; its currency is not looked at."""
    value = item.get(key)
    if not isinstance(value, Mapping):
        raise Unclear(f"{key}: an amount and a currency expected")
    return quantity_of(value, "amount")


def day_of(item: Mapping[str, Any], key: str) -> date:
    """A date."""
    value = item.get(key)
    try:
        return date.fromisoformat(str(value))
    except ValueError:
        raise Unclear(f'{key}: "{value}" was read, a date such as 2022-01-28 expected') from None


def ratio_of(value: Any) -> Exact:
    """Numerator over denominator, exactly."""
    if not isinstance(value, Mapping):
        raise Unclear("a ratio of numerator and denominator expected")
    below = quantity_of(value, "denominator")
    if below == 0:
        raise Unclear("the ratio's denominator is 0")
    return quotient(quantity_of(value, "numerator"), below)


def ids_of(item: Mapping[str, Any], key: str) -> list[str]:
    """A list of ids; empty where there is none."""
    value = item.get(key)
    return [str(entry) for entry in value] if isinstance(value, list) else []


def rights_of(triggers: Any) -> list[Mapping[str, Any]]:
    """The conversion rights of a list of triggers."""
    listed = triggers if isinstance(triggers, list) else []
    rights = [entry.get("conversion_right") for entry in listed if isinstance(entry, Mapping)]
    return [right for right in rights if isinstance(right, Mapping)]


def fixed_amount_of(triggers: Any) -> Exact | None:
    """The one number of shares that every trigger leads to, if there is one."""
    amounts = set()
    for right in rights_of(triggers):
        mechanism = right.get("conversion_mechanism")
        if not isinstance(mechanism, Mapping) or "converts_to_quantity" not in mechanism:
            return None
        amounts.add(quantity_of(mechanism, "converts_to_quantity"))
    return amounts.pop() if len(amounts) == 1 else None
