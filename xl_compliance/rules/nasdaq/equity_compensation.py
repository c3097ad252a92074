"""Sales to insiders below the closing bid (Listing Rule 5635(c), FAQ 275)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.discount import discount_of
from xl_compliance.rules.exact import Exact, exactly, magnitude, minus, percent, plain
from xl_compliance.rules.nasdaq.public_offering import DEEP_DISCOUNT
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    NOT_REQUIRED,
    REQUIRED,
    REVIEW,
    UNKNOWN,
    Fact,
    Outcome,
    Step,
    Unknown,
    assumed,
    headroom,
    note,
    said,
)
from xl_compliance.rules.parameters import rules_in

RULES: Final = rules_in("nasdaq/equity_compensation")
RULE: Final = RULES["NASDAQ-5635C"]
RECIPIENTS: Final = RULES["NASDAQ-FAQ-275"]
PRICE_TEST: Final = RULE["price_test"]
CONVERTIBLE_RULE: Final = rules_in("nasdaq/convertible_price")["NASDAQ-FAQ-276"]

RESET_RULE: Final = rules_in("nasdaq/private_placement")["NASDAQ-FAQ-277"]

CONTROLLED_ENTITY: Final = "CONTROLLED ENTITY"
NONE: Final = "NONE"
INSIDERS: Final = ("DIRECTOR", "OFFICER", "EMPLOYEE", "CONSULTANT")


@exactly
def shareholder_approval(
    price: Exact | None,
    closing_bid: Exact | None,
    recipient: str | Unknown | None,
    public_offering: Fact = None,
    convertible: Fact = None,
    lowest_exercise_price: Exact | None = None,
) -> Outcome:
    """Whether a sale to `recipient` is equity compensation that shareholders must approve.

    `price` is the lowest it can reach, `lowest_exercise_price` that of warrants sold with it.

    >>> from decimal import Decimal as D
    >>> shareholder_approval(D("9.99"), 10, "DIRECTOR").value
    'REQUIRED'
    >>> shareholder_approval(10, 10, "DIRECTOR").value
    'NOT REQUIRED'
    """
    line, deep_line = PRICE_TEST.on(), DEEP_DISCOUNT.on()
    verdict, reason = _verdict(
        price, closing_bid, recipient, public_offering, convertible, lowest_exercise_price
    )

    def working() -> Iterator[Step]:
        yield from _price_steps(price, closing_bid)
        yield Step(
            "Recipient",
            UNKNOWN.value if recipient is UNKNOWN else recipient,
            "",
            RECIPIENTS.source,
        )
        if public_offering is None:
            yield assumed("public_offering", "not given: read as no", RULE.source)
        else:
            yield Step("Public offering", said(public_offering), "", RULE.source)
        if convertible is None:
            yield assumed("convertible", "not given: read as no", CONVERTIBLE_RULE.source)
        else:
            yield Step("Convertible", said(convertible), "", CONVERTIBLE_RULE.source)
        yield from _warrant_steps(lowest_exercise_price, closing_bid)
        yield from _notes(price, closing_bid)

    used = (line, deep_line) if public_offering is True else (line,)
    return Outcome(verdict, reason, used, working)


def _verdict(
    price: Exact | None,
    bid: Exact | None,
    recipient: str | Unknown | None,
    public: Fact,
    convertible: Fact,
    strike: Exact | None,
) -> tuple[str, str]:
    if recipient == NONE:
        return NOT_REQUIRED, "not a sale to an insider or an entity an insider controls"
    if price is None or bid is None:
        return NEEDS_INPUT, "the price or the closing bid is not given"
    verdict, reason = _private(price, bid, recipient, convertible, strike)
    if verdict == NOT_REQUIRED:
        return verdict, reason
    if public is True:
        return _public(price, bid)
    if public is UNKNOWN and verdict in (REQUIRED, REVIEW):
        return REVIEW, "whether it is a public offering is not decided, and it matters"
    return verdict, reason


def _private(
    price: Exact,
    bid: Exact,
    recipient: str | Unknown | None,
    convertible: Fact,
    strike: Exact | None,
) -> tuple[str, str]:
    if price < bid:
        return _below_the_bid(recipient)
    if strike is not None and strike < bid:
        if recipient is None:
            return NEEDS_INPUT, "the recipient of warrants below the closing bid is not given"
        return REVIEW, "the warrants sold with it can be exercised below the closing bid (FAQ 277)"
    if price == bid and convertible in (True, UNKNOWN):
        if recipient is None:
            return NEEDS_INPUT, "the recipient of a convertible at the closing bid is not given"
        return REVIEW, "at the closing bid: FAQ 276 asks of a convertible that it be above it"
    return NOT_REQUIRED, "not below the closing bid"


def _below_the_bid(recipient: str | Unknown | None) -> tuple[str, str]:
    if recipient is None:
        return NEEDS_INPUT, "below the closing bid, and the recipient is not given"
    if recipient in INSIDERS:
        return REQUIRED, "below the closing bid, to an insider: equity compensation"
    if recipient == CONTROLLED_ENTITY:
        return REVIEW, "below the closing bid, to an entity that an insider controls (FAQ 275)"
    return REVIEW, "below the closing bid, and who receives it is not decided"


def _public(price: Exact, bid: Exact) -> tuple[str, str]:
    if DEEP_DISCOUNT.on().met_by(minus(bid, price), bid):
        return REVIEW, "a deep discount may not be a public offering (FAQ 280)"
    return NOT_REQUIRED, "stated to be part of a public offering"


def _price_steps(price: Exact | None, bid: Exact | None) -> Iterator[Step]:
    source = PRICE_TEST.on().source
    yield Step("Closing bid", bid, "", source)
    if price is None or bid is None:
        yield Step("Price", price)
        return
    yield Step("Price", price, f"< {plain(bid)}", source)
    yield Step("Discount to the closing bid", percent(discount_of(price, bid)))
    gap = minus(price, bid)
    yield headroom(
        "Above the closing bid" if gap >= 0 else "Short of the closing bid", magnitude(gap)
    )


def _warrant_steps(strike: Exact | None, bid: Exact | None) -> Iterator[Step]:
    source = RESET_RULE.source
    if strike is None:
        yield assumed(
            "lowest_exercise_price", "not given: read as no warrants sold with it", source
        )
    else:
        test = "" if bid is None else f"< {plain(bid)}"
        yield Step("Lowest exercise price of the warrants", strike, test, source)


def _notes(price: Exact | None, bid: Exact | None) -> Iterator[Step]:
    if price is not None and price == bid:
        yield note(
            "at the closing bid: FAQ 271 and 275 say less than, FAQ 276 asks of convertibles that "
            "they be above it",
            CONVERTIBLE_RULE.source,
        )
    yield note("the Minimum Price is no test here, and one share is enough", RECIPIENTS.source)
    yield note(
        "a limited partnership obtains the same approval (Listing Rule 5615(a)(4)(H))",
        RECIPIENTS.source,
    )
