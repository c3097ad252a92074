"""Net proceeds per security: insiders who are paid a fee, and a concurrent private placement."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, magnitude, minus, percent, plain, plus, times
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    Outcome,
    OutOfDomain,
    Step,
    assumed,
    headroom,
    note,
)
from xl_compliance.rules.parameters import Threshold, rules_in

RULE: Final = rules_in("tsx/net_proceeds")["TSX-606-NET-PROCEEDS"]
INSIDERS: Final = RULE["insiders"]
CONCURRENT: Final = RULE["concurrent_placement"]

STAYS: Final = "606"
STAYS_IF_WAIVED: Final = "606 IF WAIVED"
PRIVATE_PLACEMENT: Final = "607"


@exactly
def net_price(
    offer_price: Exact, commission: Exact | None = None, fee: Exact | None = None
) -> Outcome:
    """What the issuer keeps per security; commission and fee are fractions of the price.

    >>> from decimal import Decimal as D
    >>> net_price(10, D("0.06"), D("0.03")).value
    Decimal('9.10')
    """
    value = _net(offer_price, commission or 0, fee or 0)

    def working() -> Iterator[Step]:
        yield Step("Offering price", offer_price)
        yield from _share_steps("commission", commission)
        yield from _share_steps("fee", fee)
        yield Step("Net proceeds per security", value, "", RULE.source)

    return Outcome(value, "price less commission and fee", working=working)


@exactly
def insider_route(
    offer_price: Exact | None,
    commission: Exact | None,
    insider_fee: Exact | None,
    insider_commission: Exact | None = None,
) -> Outcome:
    """Whether an insider's purchase stays under section 606 on its net proceeds.

    An insider commission that is not given is the commission.

    >>> from decimal import Decimal as D
    >>> insider_route(10, D("0.06"), D("0.06"), 0).value
    '606'
    >>> insider_route(10, D("0.06"), D("0.0601"), 0).value
    '607'
    """
    if offer_price is None or commission is None or insider_fee is None:
        return Outcome(NEEDS_INPUT, "the price, the commission or the insider's fee is not given")
    line = INSIDERS.on()
    paid = commission if insider_commission is None else insider_commission
    others = _net(offer_price, commission, 0)
    insider = _net(offer_price, paid, insider_fee)
    less = insider < others

    def working() -> Iterator[Step]:
        yield Step("Commission on others' purchases", percent(commission))
        if insider_commission is None:
            yield assumed("insider_commission", "not given: read as the commission", line.source)
        else:
            yield Step("Commission on the insider's purchase", percent(insider_commission))
        yield Step("Insider's fee", percent(insider_fee))
        yield Step("Net proceeds per security from others", others, "", line.source)
        yield from _compared("Net proceeds per security from the insider", insider, others, line)
        yield note("TSX asks the issuer to disclose the actual proceeds", line.source)

    return Outcome(
        PRIVATE_PLACEMENT if less else STAYS,
        "the insider nets the issuer less than others: a different purchase price"
        if less
        else "the insider nets the issuer as much as others, or more",
        (line,),
        working,
    )


@exactly
def concurrent_placement(prospectus_net: Exact | None, placement_net: Exact | None) -> Outcome:
    """Whether section 607 may be waived for a private placement beside a prospectus offering.

    >>> from decimal import Decimal as D
    >>> concurrent_placement(D("9.40"), D("9.40")).value
    '606 IF WAIVED'
    >>> concurrent_placement(D("9.40"), D("9.39")).value
    '607'
    """
    if prospectus_net is None or placement_net is None:
        return Outcome(NEEDS_INPUT, "one of the two net proceeds per security is not given")
    line = CONCURRENT.on()
    less = placement_net < prospectus_net

    def working() -> Iterator[Step]:
        yield Step("Net proceeds per security, prospectus offering", prospectus_net)
        item = "Net proceeds per security, private placement"
        yield from _compared(item, placement_net, prospectus_net, line)
        if not less:
            yield note(
                "TSX may waive section 607; section 606 then applies to the placement, its limits "
                "on insiders included",
                line.source,
            )

    return Outcome(
        PRIVATE_PLACEMENT if less else STAYS_IF_WAIVED,
        "the placement nets the issuer less than the prospectus offering"
        if less
        else "the placement nets the issuer as much as the prospectus offering, or more",
        (line,),
        working,
    )


def _net(price: Exact, commission: Exact, fee: Exact) -> Exact:
    taken = plus(commission, fee)
    if taken > 1:
        raise OutOfDomain(f"commission and fee together are {percent(taken)} of the price")
    return times(price, minus(1, taken))


def _compared(item: str, net: Exact, other: Exact, line: Threshold) -> Iterator[Step]:
    yield Step(item, net, f"{line.strictness} {plain(other)}", line.source)
    gap = minus(net, other)
    yield headroom("Above the line" if gap >= 0 else "Short of the line", magnitude(gap))


def _share_steps(name: str, share: Exact | None) -> Iterator[Step]:
    if share is None:
        yield assumed(name, "not given: read as none")
    else:
        yield Step(name.capitalize(), percent(share))
