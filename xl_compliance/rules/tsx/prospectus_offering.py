"""Prospectus offerings: what stays under section 606 and what section 607 applies to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any, Final, NamedTuple

from xl_compliance.rules.discount import discount_of
from xl_compliance.rules.exact import (
    Column,
    Exact,
    exactly,
    floor,
    larger,
    magnitude,
    minus,
    percent,
    plain,
    plus,
    quotient,
    times,
    total,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    UNKNOWN,
    Fact,
    Malformed,
    NotEnoughData,
    Outcome,
    OutOfDomain,
    Step,
    Unknown,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in
from xl_compliance.rules.tsx.private_placement import limits_on_insiders

RULE: Final = rules_in("tsx/prospectus_offering")["TSX-606"]
TEST: Final = RULE["test"]
DISCOUNT: Final = RULE["discount"]
PURCHASERS: Final = RULE["purchasers"]

ACCEPTED: Final = "606"
INSIDER_EXCESS: Final = "607 INSIDER EXCESS"
ALL_INSIDER_PURCHASES: Final = "607 ALL INSIDER PURCHASES"
WHOLE_OFFERING: Final = "607 WHOLE OFFERING"
LIFE: Final = "LIFE"
WKSI: Final = "WKSI"
NO_EXEMPTION: Final = "NONE"


class Offering(NamedTuple):
    """An offering as it is put to section 606.

    Prices are per security; `purchases`, `holdings` and `net_prices` go insider by insider and are
    empty where nothing is given. `size` excludes the over-allotment option.
    """

    price: Exact | None
    close: Exact | None
    broadly_marketed: Fact
    size: Exact | None
    purchases: Sequence[Exact | None]
    holdings: Sequence[Exact | None] = ()
    outstanding: Sequence[Exact] = ()
    net_prices: Sequence[Exact | None] = ()
    public_net_price: Exact | None = None
    as_of: date | None = None
    exemption: str | Unknown | None = None
    over_allotment: Exact | None = None


class _Insider(NamedTuple):
    bought: Exact
    held: Exact | None
    net_price: Exact | None


class _Route(NamedTuple):
    word: str
    reason: str
    securities: Exact | None = None


@exactly
def route(offering: Offering) -> Outcome:
    """Where section 606 sends the offering, or part of it.

    >>> from decimal import Decimal as D
    >>> route(Offering(D("8.50"), 10, True, 1000000, [100001], [10], [100])).value
    '607 INSIDER EXCESS'
    """
    test = TEST.on(offering.as_of)
    decided = _decide(offering, test)
    return Outcome(
        decided.word,
        decided.reason,
        _thresholds(offering, test),
        lambda: _working(offering, decided),
    )


@exactly
def securities_under_607(offering: Offering) -> Outcome:
    """How many securities section 607 applies to.

    >>> from decimal import Decimal as D
    >>> securities_under_607(Offering(D("8.50"), 10, True, 1000000, [100001], [10], [100])).value
    1
    """
    test = TEST.on(offering.as_of)
    decided = _decide(offering, test)
    if decided.securities is None:
        raise NotEnoughData(f"{decided.word}: {decided.reason}")
    return Outcome(
        decided.securities,
        f"{decided.word}: {decided.reason}",
        _thresholds(offering, test),
        lambda: _working(offering, decided),
    )


@exactly
def broadly_marketed(
    purchasers: Exact | None, dealers_notified: Fact = None, marketed_outside_canada: Fact = None
) -> Outcome:
    """Whether an offering is broadly marketed (section 606, note 1).

    >>> broadly_marketed(49, True).value, broadly_marketed(49, False).value
    (True, False)
    """
    if purchasers is not None and purchasers != floor(purchasers):
        raise OutOfDomain(f"{plain(purchasers)} purchasers: a whole number is needed")
    line = PURCHASERS.on()
    value, reason = _broadly(line, purchasers, dealers_notified, marketed_outside_canada)

    def working() -> Iterator[Step]:
        yield Step("Actual purchasers", purchasers, line.test, line.source)
        if purchasers is not None:
            yield headroom(
                "Purchasers over the line"
                if line.met_by(purchasers)
                else "Purchasers short of the line",
                magnitude(minus(purchasers, line.value)),
            )
        yield _fact_step("Dealers notified", dealers_notified)
        yield _fact_step("Marketed outside Canada", marketed_outside_canada)
        yield note(
            "insiders may be among the purchasers; TSX needs confirmation with the final "
            "documentation, or section 607 applies",
            "TSX responses 4(b), 4(c)",
        )

    return Outcome(value, reason, (line,), working)


@exactly
def held_beyond(holdings: Sequence[Exact | None], outstanding: Exact) -> Exact | None:
    """What insiders hold together, where that is more than is outstanding; else None.

    >>> held_beyond([600, None, 401], 1000), held_beyond([600, 400], 1000)
    (1001, None)
    """
    together = _sum(holdings)
    return together if together > outstanding else None


@exactly
def pro_rata(held: Exact, outstanding: Sequence[Exact], offering: Exact) -> Outcome:
    """An insider's pro rata share of an offering, in whole securities.

    >>> pro_rata(1000000, [3000000], 3000000).value
    1000000
    """
    base = total(outstanding)
    if held > base:
        raise OutOfDomain(f"{plain(held)} held of {plain(base)} outstanding")
    value = _entitlement(held, base, offering)
    return Outcome(
        value,
        "holdings x offering / outstanding, rounded down",
        working=lambda: (
            Step("Interest", percent(quotient(held, base))),
            Step("Pro rata share", value, "whole securities, rounded down", RULE.source),
            note("outstanding before the offering, not diluted: the text does not state the base"),
        ),
    )


def _broadly(
    line: Threshold, purchasers: Exact | None, dealers: Fact, abroad: Fact
) -> tuple[bool | str, str]:
    if dealers is True:
        return True, "made known to dealers (note 1(ii))"
    if purchasers is None:
        return NEEDS_INPUT, "the number of purchasers is not given"
    if line.met_by(purchasers):
        return True, "enough actual purchasers (note 1(i))"
    if abroad is True:
        return REVIEW, "marketed outside Canada: speak to TSX before the financing starts"
    if dealers is None:
        return NEEDS_INPUT, "too few purchasers, and dealers notified is not given"
    if dealers is UNKNOWN or abroad is UNKNOWN:
        return REVIEW, "too few purchasers, and how it was marketed is not decided"
    return False, "too few purchasers, and dealers were not notified"


def _thresholds(offering: Offering, test: Threshold) -> tuple[Threshold, ...]:
    return (test,) if test.end else (test, DISCOUNT.on(offering.as_of))


def _decide(offering: Offering, test: Threshold) -> _Route:
    if test.end is not None:
        return _Route(REVIEW, f"before {TEST.versions[-1].start} TSX weighed {test.word}")
    if offering.broadly_marketed is not True:
        return _not_broadly_marketed(offering)
    insiders = _insiders(offering)
    if insiders is None:
        return _Route(NEEDS_INPUT, "insider purchases are not given: 0 says that no insider buys")
    buying = [insider for insider in insiders if insider.bought]
    if not buying:
        return _Route(ACCEPTED, "broadly marketed and no insider buys", 0)
    if offering.price is None or offering.close is None:
        return _Route(NEEDS_INPUT, "offering price or closing price is not given")
    line = DISCOUNT.on(offering.as_of)
    if _beyond(line, offering.price, offering.close):
        return _Route(
            ALL_INSIDER_PURCHASES,
            f"the discount is {line.test}",
            total([_together(insider.bought) for insider in buying]),
        )
    return _within_the_discount(offering, line, buying)


def _not_broadly_marketed(offering: Offering) -> _Route:
    if offering.broadly_marketed is None:
        return _Route(NEEDS_INPUT, "whether it was broadly marketed is not given")
    if offering.broadly_marketed is UNKNOWN:
        return _Route(REVIEW, "whether it was broadly marketed is not decided")
    if offering.exemption not in (None, NO_EXEMPTION, WKSI):
        return _Route(
            REVIEW,
            "listed issuer financing exemption, not broadly marketed: TSX keeps "
            "it under section 606 absent exceptional circumstances",
        )
    return _Route(WHOLE_OFFERING, "not broadly marketed", offering.size)


def _within_the_discount(offering: Offering, line: Threshold, buying: Sequence[_Insider]) -> _Route:
    if offering.net_prices or offering.public_net_price is not None:
        doubt = _net_prices_in_doubt(offering, line, buying)
        if doubt is not None:
            return doubt
    for insider in buying:
        if insider.held is None:
            return _Route(NEEDS_INPUT, "insiders' holdings before the offering are not given")
    if offering.size is None or not offering.outstanding:
        return _Route(NEEDS_INPUT, "offering size or shares outstanding are not given")
    base = total(offering.outstanding)
    excess = total([_excess(insider, offering, base) for insider in buying])
    if excess:
        return _Route(
            INSIDER_EXCESS, "insiders buy more than pro rata, or on lower net terms", excess
        )
    return _Route(ACCEPTED, "broadly marketed, discount and insiders within the limits", 0)


def _net_prices_in_doubt(
    offering: Offering, line: Threshold, buying: Sequence[_Insider]
) -> _Route | None:
    nets = [insider.net_price for insider in buying]
    given = [net for net in (*nets, offering.public_net_price) if net is not None]
    some = bool(given) or any(net is not None for net in offering.net_prices)
    if some and len(given) <= len(nets):
        return _Route(NEEDS_INPUT, "net prices are given for some and not for others")
    assert offering.close is not None
    if given and _beyond(line, min(given), offering.close):
        return _Route(
            REVIEW,
            "a net price is beyond the discount although the offering price is "
            "not: TSX looks at net proceeds where insiders receive fees",
        )
    return None


def _excess(insider: _Insider, offering: Offering, base: Exact) -> Exact:
    if _nets_less(insider, offering):
        return insider.bought
    room = _room(insider, offering, base)
    return _together(larger(0, minus(insider.bought, room)))


def _together(number: Exact) -> Exact:
    """A number as it is; the sum of a column, which stands for many insiders."""
    return number.total() if isinstance(number, Column) else number


def _nets_less(insider: _Insider, offering: Offering) -> bool:
    if insider.net_price is None or offering.public_net_price is None:
        return False
    return insider.net_price < offering.public_net_price


def _room(insider: _Insider, offering: Offering, base: Exact) -> int:
    assert insider.held is not None
    assert offering.size is not None
    return _entitlement(insider.held, base, offering.size)


def _entitlement(held: Exact, outstanding: Exact, offering: Exact) -> int:
    product = times(held, offering)
    try:
        return floor(product // outstanding)  # type: ignore[operator]
    except TypeError:  # a decimal and a fraction
        return floor(quotient(product, outstanding))


def _beyond(line: Threshold, price: Exact, close: Exact) -> bool:
    return line.met_by(minus(close, price), close)


def _insiders(offering: Offering) -> list[_Insider] | None:
    """The insiders row by row, or all in one where their numbers came as columns.

    None where no purchase is given at all.
    """
    bought, held = offering.purchases, offering.holdings
    if not (isinstance(bought, Column) and isinstance(held, Column)):
        return _row_by_row(offering)
    if offering.net_prices or len(bought) != len(held) or _impossible(offering):
        return _row_by_row(offering)
    together: list[Any] = [bought, held, None]
    return [_Insider(*together)]


def _row_by_row(offering: Offering) -> list[_Insider] | None:
    purchases = offering.purchases
    if not _any_given(purchases):
        return None
    holdings = _column(offering.holdings, len(purchases), "holdings")
    nets = _column(offering.net_prices, len(purchases), "net prices")
    no_holdings = not _any_given(holdings)
    insiders = []
    base = total(offering.outstanding) if offering.outstanding else None
    for row, (bought, held, net) in enumerate(zip(purchases, holdings, nets, strict=True), 1):
        if bought is None or held is None:
            if bought is None and held is None and net is None:
                continue
            if bought is None or not no_holdings:
                raise NotEnoughData(f"insider {row}: a purchase and a holding are needed together")
        elif base is not None and held > base:
            raise OutOfDomain(f"insider {row} holds {plain(held)} of {plain(base)} outstanding")
        insiders.append(_Insider(bought, held, net))
    if problem := _impossible(offering):
        raise OutOfDomain(problem)
    return insiders


def _impossible(offering: Offering) -> str:
    """Why these holdings or purchases of all insiders together cannot be."""
    if offering.outstanding:
        base = total(offering.outstanding)
        held = held_beyond(offering.holdings, base)
        if held is not None:
            return (
                f"insiders hold {plain(held)} together of {plain(base)} outstanding: shares are "
                "listed twice, or the count is too low"
            )
    if offering.size is None or offering.over_allotment is None:
        return ""
    offered, bought = plus(offering.size, offering.over_allotment), _sum(offering.purchases)
    if bought > offered:
        return (
            f"insiders buy {plain(bought)} together of {plain(offered)} offered, the "
            "over-allotment option included"
        )
    return ""


def _sum(values: Sequence[Exact | None]) -> Exact:
    if isinstance(values, Column):
        return values.total()
    return total([value for value in values if value is not None])


def _column(values: Sequence[Exact | None], rows: int, name: str) -> Sequence[Exact | None]:
    if not _any_given(values):
        return [None] * rows
    if len(values) != rows:
        raise Malformed(f"{rows} insider purchases and {len(values)} insider {name}")
    return values


def _any_given(values: Sequence[Exact | None]) -> bool:
    return values.count(None) < len(values)


def _fact_step(item: str, fact: Fact) -> Step:
    if fact is None:
        return Step(item, None, "not given")
    return Step(item, "UNKNOWN" if fact is UNKNOWN else str(fact).upper())


def _working(offering: Offering, decided: _Route) -> Iterator[Step]:
    test = TEST.on(offering.as_of)
    yield Step("Rule in force", test.word, test.in_force(), test.source)
    if offering.as_of is None:
        yield assumed("as_of", "not given: the rule in force today")
    if test.end is not None:
        return
    yield _fact_step("Broadly marketed", offering.broadly_marketed)
    yield from _exemption_steps(offering.exemption)
    yield from _discount_steps(offering)
    yield from _insider_steps(offering)
    if decided.securities is not None:
        yield headroom("Securities under section 607", decided.securities)
    if decided.word == ALL_INSIDER_PURCHASES:
        yield note(
            "purchases of others stay under section 606: the text accepts generally only "
            "up to the line, so this is an inference",
            "s. 606(b)(i), (ii)",
        )
    if decided.word in (ALL_INSIDER_PURCHASES, INSIDER_EXCESS):
        yield from limits_on_insiders(offering.outstanding)


def _exemption_steps(exemption: str | Unknown | None) -> Iterator[Step]:
    if exemption is None:
        yield assumed("exemption", "not given: read as none")
    elif exemption == LIFE:
        yield note(
            "listed issuer financing exemption: under section 606 absent exceptional circumstances "
            "(Staff Notice 2022-0003)",
            "TSX response Other (e)",
        )
    elif exemption == WKSI:
        yield note(
            "a well-known seasoned issuer has no automatic acceptance: the tests are the same",
            "TSX response Other (f)",
        )


def _discount_steps(offering: Offering) -> Iterator[Step]:
    if offering.price is None or offering.close is None:
        return
    line = DISCOUNT.on(offering.as_of)
    shown = percent(discount_of(offering.price, offering.close), line.value)
    yield Step("Discount to the closing price", shown, line.test, line.source)
    lowest = floor_price(offering.close, offering.as_of)
    yield headroom("Lowest price within the discount", lowest)


@exactly
def floor_price(close: Exact, as_of: date | None = None) -> Exact:
    """The lowest offering price that is not beyond the discount."""
    return times(close, minus(1, DISCOUNT.on(as_of).value))


def _insider_steps(offering: Offering) -> Iterator[Step]:
    if offering.broadly_marketed is not True:
        # The whole offering is judged: the insiders were not looked at and need not be complete.
        return
    insiders = _row_by_row(offering) or []
    if insiders and all(insider.net_price is None for insider in insiders):
        yield assumed(
            "net prices",
            "not given: read as the same terms for insiders and others",
            "TSX response 2",
        )
    for number, insider in enumerate(insiders, 1):
        yield from _one_insider(number, insider, offering)


def _one_insider(number: int, insider: _Insider, offering: Offering) -> Iterator[Step]:
    yield Step(f"Insider {number} buys", insider.bought)
    if _nets_less(insider, offering):
        yield Step(
            f"Insider {number} net price",
            insider.net_price,
            f"< {plain(offering.public_net_price or 0)}",
            "TSX response 2",
        )
    if insider.held is None or offering.size is None or not offering.outstanding:
        return
    base = total(offering.outstanding)
    room = _room(insider, offering, base)
    yield Step(f"Insider {number} pro rata", room, f"<= {plain(room)}", RULE.source)
    if offering.over_allotment is not None:
        wider = _entitlement(insider.held, base, plus(offering.size, offering.over_allotment))
        yield Step(
            f"Insider {number} pro rata with the over-allotment option", wider, "shown, not tested"
        )
    gap = minus(room, insider.bought)
    label = "room left" if gap >= 0 else "over"
    yield headroom(f"Insider {number} {label}", magnitude(gap))
