"""Market price: the volume-weighted average over five sessions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import Exact, exactly, quotient, total
from xl_compliance.rules.outcome import Malformed, NotEnoughData, Outcome, Step, note
from xl_compliance.rules.parameters import rules_in

RULE: Final = rules_in("tsx/market_price")["TSX-MARKET-PRICE"]
SESSIONS: Final = RULE["sessions"]


@exactly
def market_price(values: Sequence[Exact | None], volumes: Sequence[Exact | None]) -> Outcome:
    """Total value over total volume of exactly five sessions; rows blank in both are dropped.

    >>> market_price([10000, 20400, 5100, 30900, 10200], [1000, 2000, 500, 3000, 1000]).value
    Fraction(766, 75)
    """
    line = SESSIONS.on()
    rows = _sessions(values, volumes)
    if len(rows) != line.value:
        raise NotEnoughData(f"{len(rows)} sessions are given; exactly {line.shown} are needed")
    traded = total(value for value, _ in rows)
    volume = total(count for _, count in rows)
    price = quotient(traded, volume)

    def working() -> Iterator[Step]:
        for number, (value, count) in enumerate(rows, 1):
            yield Step(f"Session {number}, value traded", value)
            yield Step(f"Session {number}, volume", count)
        yield Step("Total value", traded)
        yield Step("Total volume", volume)
        yield Step("Market price", price, "total value over total volume", line.source)
        yield note(
            "no mean of daily averages [unverified]; TSX may leave out trades that are not "
            "representative",
            RULE.source,
        )

    return Outcome(price, "total value over total volume", (line,), working)


def _sessions(
    values: Sequence[Exact | None], volumes: Sequence[Exact | None]
) -> list[tuple[Exact, Exact]]:
    if len(values) != len(volumes):
        raise Malformed(f"{len(values)} values and {len(volumes)} volumes: give both a session")
    rows = []
    for number, (value, volume) in enumerate(zip(values, volumes, strict=True), 1):
        if value is None and volume is None:
            continue
        if value is None or volume is None:
            missing = "value" if value is None else "volume"
            raise NotEnoughData(f"row {number} has no {missing}: a session needs both")
        rows.append((value, volume))
    return rows
