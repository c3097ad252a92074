"""How large an issuance is, and how many shares are left below the line (FAQ 182 and 288)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

from xl_compliance.rules.exact import (
    Exact,
    ceiling,
    exactly,
    floor,
    percent,
    plain,
    quotient,
    quotient_shown,
    times,
    total,
)
from xl_compliance.rules.outcome import NotEnoughData, Outcome, Step, assumed, headroom, note
from xl_compliance.rules.parameters import Threshold, rules_in

RULE: Final = rules_in("nasdaq/issuance_size")["NASDAQ-FAQ-182"]
CAP_RULE: Final = rules_in("nasdaq/issuance_size")["NASDAQ-EXCHANGE-CAP"]
DRAFTING_CAP: Final = CAP_RULE["drafting_cap"]
SIZE: Final = rules_in("nasdaq/private_placement")["NASDAQ-5635D"]["size"]

STRICT: Final = "STRICT"
DRAFTED: Final = "19.99%"


@exactly
def issuance_percentage(issuable: Sequence[Exact], outstanding: Sequence[Exact]) -> Outcome:
    """Everything issuable over the shares of all classes outstanding before the transaction.

    >>> issuance_percentage([1500000], [5000000, 3000000]).value
    Decimal('0.1875')
    """
    part, whole = total(issuable), total(outstanding)
    line = SIZE.on()

    def working() -> Iterator[Step]:
        yield from components("Issuable", issuable, RULE.source)
        yield from components("Outstanding before the transaction", outstanding, RULE.source)
        yield from size_steps(line, part, whole, "shares")
        yield note("no option, warrant or convertible is assumed exercised in the outstanding")

    return Outcome(
        quotient(part, whole), "issuable over outstanding, all classes", (line,), working
    )


def percentage_shown(issuable: Sequence[Exact], outstanding: Sequence[Exact]) -> Exact | float:
    """The value of `issuance_percentage` as a cell shows it."""
    return quotient_shown(total(issuable), total(outstanding))


@exactly
def exchange_cap(
    outstanding: Sequence[Exact],
    issued: Sequence[Exact] = (),
    convention: str = STRICT,
    votes_outstanding: Sequence[Exact] = (),
    votes_per_new_share: Exact | None = None,
) -> Outcome:
    """The most shares that can still be issued without reaching 20% of shares and of votes.

    >>> exchange_cap([5059747]).value, exchange_cap([5059747], convention=DRAFTED).value
    (1011949, 1011443)
    """
    if bool(votes_outstanding) != (votes_per_new_share is not None):
        raise NotEnoughData("votes outstanding and votes per new share are needed together")
    line = SIZE.on() if convention == STRICT else DRAFTING_CAP.on()
    used, shares = total(issued), total(outstanding)
    limits = [("shares", _most(line, shares, 1))]
    if votes_per_new_share is not None:
        limits.append(("votes", _most(line, total(votes_outstanding), votes_per_new_share)))
    left = max(min(most for _, most in limits) - ceiling(used), 0)

    def working() -> Iterator[Step]:
        yield from components("Outstanding", outstanding, RULE.source)
        for name, most in limits:
            yield Step(f"Most shares by {name}", most, f"not {line.test}", line.source)
        if issued:
            yield Step("Issued already", used)
        else:
            yield assumed("issued", "not given: read as none issued")
        if votes_per_new_share is None:
            yield assumed("votes", "not given: only shares are measured")
        yield headroom("Shares left", left)

    return Outcome(left, "shares left below the line", (line,), working)


def _most(line: Threshold, whole: Exact, per_share: Exact) -> int:
    """The most new shares that stay under a `>=` line, or on a `<=` line."""
    limit = quotient(times(whole, line.value), per_share)
    return ceiling(limit) - 1 if line.strictness == ">=" else floor(limit)


def components(item: str, parts: Sequence[Exact], source: str) -> Iterator[Step]:
    """One step a component where there are several, then the sum."""
    if len(parts) > 1:
        for number, part in enumerate(parts, 1):
            yield Step(f"{item}, component {number}", part)
    if parts:
        yield Step(item, total(parts), "", source)


def size_steps(line: Threshold, part: Exact, whole: Exact, what: str) -> Iterator[Step]:
    """The percentage against its line, and the distance to it."""
    size = quotient(part, whole)
    yield Step(
        f"Issuance as a percentage of {what}", percent(size, line.value), line.test, line.source
    )
    most = _most(line, whole, 1)
    if line.met_by(part, whole):
        over = ceiling(part) - most
        yield headroom(
            f"{what.capitalize()} over the line", over, f"{plain(most)} is the most below it"
        )
    else:
        yield headroom(
            f"{what.capitalize()} left below the line",
            max(most - ceiling(part), 0),
            f"{plain(most)} is the most below it",
        )


def reaches(
    line: Threshold,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
) -> bool | None:
    """Whether shares or votes meet the line; None where it cannot be told.

    Votes that are not given are one a share where there is a single class; with several classes,
    or only one of the two given, they are not known. Call it under `exactly`.
    """
    shares = _reached(line, issuable, outstanding)
    if votes_issuable or votes_outstanding:
        votes = _reached(line, votes_issuable, votes_outstanding)
    else:
        votes = shares if len(outstanding) == 1 else None
    if shares or votes:
        return True
    return None if shares is None or votes is None else False


def _reached(line: Threshold, part: Sequence[Exact], whole: Sequence[Exact]) -> bool | None:
    if not part or not whole:
        return None
    if len(part) == 1 and len(whole) == 1:
        return line.met_by(part[0], whole[0])
    return line.met_by(total(part), total(whole))


def issuance_steps(
    line: Threshold,
    issuable: Sequence[Exact],
    outstanding: Sequence[Exact],
    votes_issuable: Sequence[Exact],
    votes_outstanding: Sequence[Exact],
    source: str,
) -> Iterator[Step]:
    """What is issuable over what is outstanding, in shares and in votes, against one line."""
    yield from components("Issuable", issuable, source)
    yield from components("Outstanding before the transaction", outstanding, source)
    if issuable and outstanding:
        yield from size_steps(line, total(issuable), total(outstanding), "shares")
    if votes_issuable and votes_outstanding:
        yield from components("Votes issuable", votes_issuable, source)
        yield from components("Votes outstanding", votes_outstanding, source)
        yield from size_steps(line, total(votes_issuable), total(votes_outstanding), "votes")
    elif votes_issuable or votes_outstanding:
        yield Step("Votes", None, "only one of issuable and outstanding is given")
    elif len(outstanding) == 1:
        yield assumed("votes", "not given: read as one vote per share", source)
    elif outstanding:
        yield Step("Votes", None, "several classes, votes not given")
