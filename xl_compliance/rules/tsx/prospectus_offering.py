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


# What an insider buys, holds before and pays net.
_Insider = tuple[Exact, Exact | None, Exact | None]
# Where section 606 sends it, why, and how many securities section 607 applies to.
_Route = tuple[str, str, Exact | None]


@exactly
def route(offering: Offering) -> Outcome:
    """Where section 606 sends the offering, or part of it.

    >>> from decimal import Decimal as D
    >>> route(Offering(D("8.50"), 10, True, 1000000, [100001], [10], [100])).value
    '607 INSIDER EXCESS'
    """
    test = TEST.on(offering.as_of)
    word, reason, securities = _decide(*offering)
    return Outcome(
        word,
        reason,
        _thresholds(offering, test),
        lambda: _working(offering, word, securities),
    )


def route_alone(*given: Any) -> str:
    """The value of `route`, given all that an offering has, and nothing beside it.

    Call it under `exactly`.
    """
    return _decide(*given)[0]


@exactly
def securities_under_607(offering: Offering) -> Outcome:
    """How many securities section 607 applies to.

    >>> from decimal import Decimal as D
    >>> securities_under_607(Offering(D("8.50"), 10, True, 1000000, [100001], [10], [100])).value
    1
    """
    test = TEST.on(offering.as_of)
    word, reason, securities = _decide(*offering)
    if securities is None:
        raise NotEnoughData(f"{word}: {reason}")
    return Outcome(
        securities,
        f"{word}: {reason}",
        _thresholds(offering, test),
        lambda: _working(offering, word, securities),
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


def _decide(
    price: Exact | None,
    close: Exact | None,
    broadly_marketed: Fact,
    size: Exact | None,
    purchases: Sequence[Exact | None],
    holdings: Sequence[Exact | None],
    outstanding: Sequence[Exact],
    net_prices: Sequence[Exact | None],
    public_net_price: Exact | None,
    as_of: date | None,
    exemption: str | Unknown | None,
    over_allotment: Exact | None,
) -> _Route:
    """Where section 606 sends an offering, given what it has in the order of its fields."""
    test = TEST.on(as_of)
    if test.end is not None:
        return REVIEW, f"before {TEST.versions[-1].start} TSX weighed {test.word}", None
    if broadly_marketed is not True:
        return _not_broadly_marketed(broadly_marketed, exemption, size)
    base = total(outstanding) if outstanding else None
    buying = _buying(purchases, holdings, net_prices, base)
    if buying is None:
        return NEEDS_INPUT, "insider purchases are not given: 0 says that no insider buys", None
    if problem := _impossible(purchases, holdings, base, size, over_allotment):
        raise OutOfDomain(problem)
    if not buying:
        return ACCEPTED, "broadly marketed and no insider buys", 0
    if price is None or close is None:
        return NEEDS_INPUT, "offering price or closing price is not given", None
    line = DISCOUNT.on(as_of)
    if line.met_by(minus(close, price), close):
        bought = total(tuple(_together(bought) for bought, _, _ in buying))
        return ALL_INSIDER_PURCHASES, f"the discount is {line.test}", bought
    if net_prices or public_net_price is not None:
        doubt = _net_prices_in_doubt(net_prices, public_net_price, line, close, buying)
        if doubt is not None:
            return doubt
    return _within_the_discount(size, base, public_net_price, buying)


def _not_broadly_marketed(
    broadly_marketed: Fact, exemption: str | Unknown | None, size: Exact | None
) -> _Route:
    if broadly_marketed is None:
        return NEEDS_INPUT, "whether it was broadly marketed is not given", None
    if broadly_marketed is UNKNOWN:
        return REVIEW, "whether it was broadly marketed is not decided", None
    if exemption not in (None, NO_EXEMPTION, WKSI):
        return (
            REVIEW,
            "listed issuer financing exemption, not broadly marketed: TSX keeps "
            "it under section 606 absent exceptional circumstances",
            None,
        )
    return WHOLE_OFFERING, "not broadly marketed", size


def _within_the_discount(
    size: Exact | None,
    base: Exact | None,
    public_net_price: Exact | None,
    buying: Sequence[_Insider],
) -> _Route:
    for _, held, _ in buying:
        if held is None:
            return NEEDS_INPUT, "insiders' holdings before the offering are not given", None
    if size is None or base is None:
        return NEEDS_INPUT, "offering size or shares outstanding are not given", None
    excess: Exact = 0
    for insider in buying:
        excess = plus(excess, _excess(insider, public_net_price, size, base))
    if excess:
        return INSIDER_EXCESS, "insiders buy more than pro rata, or on lower net terms", excess
    return ACCEPTED, "broadly marketed, discount and insiders within the limits", 0


def _net_prices_in_doubt(
    net_prices: Sequence[Exact | None],
    public_net_price: Exact | None,
    line: Threshold,
    close: Exact,
    buying: Sequence[_Insider],
) -> _Route | None:
    nets = [net for _, _, net in buying]
    given = [net for net in (*nets, public_net_price) if net is not None]
    some = bool(given) or any(net is not None for net in net_prices)
    if some and len(given) <= len(nets):
        return NEEDS_INPUT, "net prices are given for some and not for others", None
    if given and line.met_by(minus(close, min(given)), close):
        return (
            REVIEW,
            "a net price is beyond the discount although the offering price is "
            "not: TSX looks at net proceeds where insiders receive fees",
            None,
        )
    return None


def _excess(insider: _Insider, public_net_price: Exact | None, size: Exact, base: Exact) -> Exact:
    bought, held, net = insider
    if _nets_less(net, public_net_price):
        return bought
    assert held is not None
    over = minus(bought, _entitlement(held, base, size))
    if isinstance(over, Column):
        return _together(larger(0, over))
    return over if over > 0 else 0


def _together(number: Exact) -> Exact:
    """A number as it is; the sum of a column, which stands for many insiders."""
    return number.total() if isinstance(number, Column) else number


def _nets_less(net: Exact | None, public_net_price: Exact | None) -> bool:
    if net is None or public_net_price is None:
        return False
    return net < public_net_price


def _entitlement(held: Exact, outstanding: Exact, offering: Exact) -> int:
    try:
        return floor(held * offering // outstanding)  # type: ignore[operator]
    except TypeError:  # a decimal and a fraction
        return floor(quotient(times(held, offering), outstanding))


def _buying(
    bought: Sequence[Exact | None],
    held: Sequence[Exact | None],
    net_prices: Sequence[Exact | None],
    base: Exact | None,
) -> list[_Insider] | None:
    """The insiders who buy, row by row, or all in one where their numbers came as columns.

    None where no purchase is given at all.
    """
    if not (isinstance(bought, Column) and isinstance(held, Column)):
        return _row_by_row(bought, held, net_prices, base, False)
    too_much = base is not None and held.most() > base
    if net_prices or len(bought) != len(held) or too_much:
        return _row_by_row(bought, held, net_prices, base, False)
    together: Any = (bought, held, None)
    return [together]


def _row_by_row(
    purchases: Sequence[Exact | None],
    holdings: Sequence[Exact | None],
    net_prices: Sequence[Exact | None],
    base: Exact | None,
    those_who_do_not_buy: bool,
) -> list[_Insider] | None:
    purchases = tuple(purchases)
    rows = len(purchases)
    if purchases.count(None) == rows:
        return None
    holdings = _column(holdings, rows, "holdings")
    nets = _column(net_prices, rows, "net prices")
    no_holdings = holdings.count(None) == rows
    insiders = []
    for row in range(rows):
        bought, held, net = purchases[row], holdings[row], nets[row]
        if bought is None or held is None:
            if bought is None and held is None and net is None:
                continue
            if bought is None or not no_holdings:
                raise NotEnoughData(
                    f"insider {row + 1}: a purchase and a holding are needed together"
                )
        elif base is not None and held > base:
            raise OutOfDomain(f"insider {row + 1} holds {plain(held)} of {plain(base)} outstanding")
        if bought or those_who_do_not_buy:
            insiders.append((bought, held, net))
    return insiders


def _impossible(
    purchases: Sequence[Exact | None],
    holdings: Sequence[Exact | None],
    base: Exact | None,
    size: Exact | None,
    over_allotment: Exact | None,
) -> str:
    """Why these holdings or purchases of all insiders together cannot be.

    What one insider holds is looked at row by row.
    """
    if base is not None and len(holdings) > 1:
        held = held_beyond(holdings, base)
        if held is not None:
            return (
                f"insiders hold {plain(held)} together of {plain(base)} outstanding: shares are "
                "listed twice, or the count is too low"
            )
    if size is None or over_allotment is None:
        return ""
    offered, bought = plus(size, over_allotment), _sum(purchases)
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
    if not values or values.count(None) == len(values):
        return (None,) * rows
    if len(values) != rows:
        raise Malformed(f"{rows} insider purchases and {len(values)} insider {name}")
    return tuple(values)


def _fact_step(item: str, fact: Fact) -> Step:
    if fact is None:
        return Step(item, None, "not given")
    return Step(item, "UNKNOWN" if fact is UNKNOWN else str(fact).upper())


def _working(offering: Offering, word: str, securities: Exact | None) -> Iterator[Step]:
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
    if securities is not None:
        yield headroom("Securities under section 607", securities)
    if word == ALL_INSIDER_PURCHASES:
        yield note(
            "purchases of others stay under section 606: the text accepts generally only "
            "up to the line, so this is an inference",
            "s. 606(b)(i), (ii)",
        )
    if word in (ALL_INSIDER_PURCHASES, INSIDER_EXCESS):
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
    base = total(offering.outstanding) if offering.outstanding else None
    insiders = (
        _row_by_row(offering.purchases, offering.holdings, offering.net_prices, base, True) or []
    )
    if insiders and all(net is None for _, _, net in insiders):
        yield assumed(
            "net prices",
            "not given: read as the same terms for insiders and others",
            "TSX response 2",
        )
    for number, insider in enumerate(insiders, 1):
        yield from _one_insider(number, insider, offering, base)


def _one_insider(
    number: int, insider: _Insider, offering: Offering, base: Exact | None
) -> Iterator[Step]:
    bought, held, net = insider
    yield Step(f"Insider {number} buys", bought)
    if _nets_less(net, offering.public_net_price):
        yield Step(
            f"Insider {number} net price",
            net,
            f"< {plain(offering.public_net_price or 0)}",
            "TSX response 2",
        )
    if held is None or offering.size is None or base is None:
        return
    room = _entitlement(held, base, offering.size)
    yield Step(f"Insider {number} pro rata", room, f"<= {plain(room)}", RULE.source)
    if offering.over_allotment is not None:
        wider = _entitlement(held, base, plus(offering.size, offering.over_allotment))
        yield Step(
            f"Insider {number} pro rata with the over-allotment option", wider, "shown, not tested"
        )
    gap = minus(room, bought)
    label = "room left" if gap >= 0 else "over"
    yield headroom(f"Insider {number} {label}", magnitude(gap))
