"""The ownership table: who beneficially owns how much of each class (Rules 13d-3 and 13d-5).

Positions go in, one a line: shares held, or shares that one right can acquire. Rows come out,
class by class, one a holder and then one a group. A holder's counted rights stand in its own
numerator and denominator and in nobody else's; a group's row has every position of its members
once. What is not known leaves its own row open and no other.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from enum import Enum
from fractions import Fraction
from typing import Final, NamedTuple

from xl_compliance.rules.exact import (
    Exact,
    exactly,
    floor,
    minus,
    percent,
    plain,
    plus,
    quotient,
    times,
)
from xl_compliance.rules.outcome import (
    NEEDS_INPUT,
    REVIEW,
    Fact,
    Malformed,
    NotEnoughData,
    NothingOutstanding,
)
from xl_compliance.rules.parameters import Threshold
from xl_compliance.rules.sec.beneficial_ownership import (
    RIGHT_TO_ACQUIRE,
    Standing,
    When,
    standing,
)
from xl_compliance.rules.sec.blocker import room

OK: Final = "OK"


class Kind(Enum):
    """What a row is about."""

    HOLDER = "Holder"
    GROUP = "Group"


# Tables of hundreds of thousands of lines are built from these, which is why they are tuples.


class StockClass(NamedTuple):
    """A class of stock. `votes` is per share, None where it is not given."""

    name: str
    outstanding: Exact | None
    votes: Exact | None = None


class Position(NamedTuple):
    """Shares of a class held, and shares of it that one right can acquire.

    `of` is the class, blank where there is only one. `rights` counts securities where `ratio` is
    given, shares otherwise. `limit` is a blocker as a fraction. `converts` names the class that is
    given up on conversion: its votes are not counted a second time.
    """

    holder: str
    of: str | None
    held: Exact | None
    rights: Exact | None
    exercisable_on: When | None = None
    limit: Exact | None = None
    control_purpose: Fact = None
    group: str | None = None
    ratio: Exact | None = None
    converts: str | None = None


class Row(NamedTuple):
    """One row of the table. Figures that rest on what is not known are None, `status` says so."""

    name: str
    kind: Kind
    of: str
    held: Exact
    counted: Exact | None
    not_counted: Exact
    shares: Exact | None
    base: Exact | None
    votes: Exact | None
    votes_base: Exact | None
    status: str
    reason: str

    @property
    def fraction(self) -> Exact | None:
        """The part of the class, exactly."""
        return None if self.shares is None else _part(self.shares, self.base)

    @property
    def voting_fraction(self) -> Exact | None:
        """The part of all votes, exactly; None where votes are not given."""
        return None if self.votes is None else _part(self.votes, self.votes_base)


def _part(part: Exact, whole: Exact | None) -> Exact | None:
    if not whole:
        return None
    if isinstance(part, int) and isinstance(whole, int):
        return Fraction(part, whole)
    return quotient(part, whole)


@dataclass(slots=True)
class _Line:
    """What one position comes to in the table."""

    held: Exact
    counted: Exact
    not_counted: Exact
    converted: Exact


@dataclass(slots=True)
class _Entry:
    """The positions of one holder, or one group, in one class, as they add up."""

    name: str
    place: int
    held: Exact = 0
    counted: Exact = 0
    not_counted: Exact = 0
    converted: Exact = 0
    limited: list[tuple[Exact, Exact, _Line, bool]] = field(default_factory=list)
    lines: list[_Line] | None = None
    reasons: list[str] = field(default_factory=list)
    unknown: bool = False
    for_review: bool = False

    def add(self, held: Exact, counted: Exact, not_counted: Exact, converted: Exact) -> None:
        if held:
            self.held = plus(self.held, held)
        if counted:
            self.counted = plus(self.counted, counted)
        if not_counted:
            self.not_counted = plus(self.not_counted, not_counted)
        if converted:
            self.converted = plus(self.converted, converted)


@exactly
def ownership_table(
    positions: Iterable[Position], classes: Sequence[StockClass], as_of: date | None = None
) -> tuple[Row, ...]:
    """The rows of the table, class by class: holders in the order they come, then groups.

    Dates count as given where any position has one. Raises `Malformed` for a class that is not
    listed or listed twice, `NotEnoughData` for a position without its class where there are
    several, and `NothingOutstanding` for a class of no shares.

    >>> fund = Position("Fund", None, 0, 2870756)
    >>> row, = ownership_table([fund], [StockClass("Common", 5059747)])
    >>> row.shares, row.base, percent(row.fraction)
    (2870756, 7930503, '36.199%')
    """
    return _Table(tuple(positions), tuple(classes), as_of).rows()


class _Table:
    """Adds up positions by holder and class, and by group and class."""

    def __init__(
        self, positions: Sequence[Position], classes: Sequence[StockClass], as_of: date | None
    ) -> None:
        self._positions = positions
        self._classes = classes
        self._as_of = as_of
        self._limit = RIGHT_TO_ACQUIRE.on(as_of)
        self._dated = any(position.exercisable_on is not None for position in positions)
        self._places = _places(classes)
        self._folded: dict[str, str] = {}
        self._holders: dict[tuple[str, int], _Entry] = {}
        self._groups: dict[tuple[str, int], _Entry] = {}
        self._members: dict[str, dict[str, None]] = {}
        self._groups_of: dict[str, dict[str, str]] = {}
        self._votes = [row.votes for row in classes]
        self._given_up: dict[tuple[str, int], _Entry] = {}
        self._without_votes: set[str] = set()

    def rows(self) -> tuple[Row, ...]:
        for number, position in enumerate(self._positions, 1):
            self._take(number, position)
        for entry in self._holders.values():
            self._apply_blockers(entry)
        self._weigh_what_is_held()
        self._look_for_what_is_given_up()
        self._look_for_spellings()
        if self._groups:
            for position in self._positions:
                group = self._name(position.group or "")
                names = self._groups_of.setdefault(self._name(position.holder), {})
                names[group] = position.holder
            self._close_groups()
            for together in self._groups.values():
                self._more_than_outstanding(together)
        holders = self._rows_of(self._holders, Kind.HOLDER)
        rows = [*holders, *self._rows_of(self._groups, Kind.GROUP)]
        return tuple(row for _, row in sorted(rows, key=lambda placed: placed[0]))

    # -------------------------------------------------------- position by position

    def _take(self, number: int, position: Position) -> None:
        place = self._place(number, position.of, position.holder)
        key = (self._name(position.holder), place)
        entry = self._holders.get(key)
        if entry is None:
            entry = self._holders[key] = _Entry(position.holder, place)
        held, rights = position.held or 0, position.rights
        if not held and not rights and (position.held is None or rights is None):
            entry.unknown = True
            entry.reasons.append(_nothing_given(position))
        counted, not_counted, voting = self._weighed(number, position, entry)
        converted = counted if voting else 0
        if not position.group and position.limit is None:
            entry.add(held, counted, not_counted, converted)
            return
        line = _Line(held, counted, not_counted, converted)
        if counted and position.limit is not None:
            # How much of it counts waits for the holder's other positions.
            entry.limited.append((position.limit, counted, line, voting))
            line.counted = line.converted = 0
        entry.add(held, line.counted, not_counted, line.converted)
        if position.group:
            self._join(position, place, key, line)

    def _weighed(self, number: int, position: Position, entry: _Entry) -> tuple[Exact, Exact, bool]:
        """Shares of a right that count, blockers aside, and that do not; whether they vote already.

        Why goes to the entry.
        """
        rights = position.rights
        if not rights:
            return 0, 0, False
        if position.ratio is not None:
            rights = floor(times(rights, position.ratio))
        if not self._dated:
            return rights, 0, self._votes_already(number, position, entry)
        stands = standing(
            position.exercisable_on, True, self._as_of, position.control_purpose, self._limit
        )
        if stands is Standing.WITHIN:
            return rights, 0, self._votes_already(number, position, entry)
        reason = stands.reason(self._limit)
        if stands.counts is None:
            entry.unknown = True
            entry.reasons.append(f"{plain(rights)}: {reason}")
            return 0, 0, False
        if stands.counts:
            entry.reasons.append(f"{plain(rights)} {reason}")
            return rights, 0, self._votes_already(number, position, entry)
        entry.for_review |= stands is Standing.CONTINGENT
        entry.reasons.append(f"{plain(rights)} not counted: {reason}")
        return 0, rights, False

    def _votes_already(self, number: int, position: Position, entry: _Entry) -> bool:
        """Whether the right converts shares that have votes of their own."""
        if not position.converts:
            return False
        place = self._place(number, position.converts, position.holder)
        if not self._votes[place]:
            return False
        self._given_up.setdefault((self._name(position.holder), place), entry)
        return True

    def _weigh_what_is_held(self) -> None:
        """More held than is outstanding, by one holder or by all of them."""
        held: list[Exact] = [0] * len(self._classes)
        for entry in self._holders.values():
            held[entry.place] = plus(held[entry.place], entry.held)
        over = {
            place
            for place, stock in enumerate(self._classes)
            if stock.outstanding is not None and held[place] > stock.outstanding
        }
        for entry in self._holders.values() if over else ():
            if entry.place in over and not self._more_than_outstanding(entry) and entry.held:
                outstanding = self._classes[entry.place].outstanding or 0
                entry.for_review = True
                entry.reasons.append(
                    f"{plain(held[entry.place])} held in all of {plain(outstanding)} outstanding: "
                    "are shares listed twice?"
                )

    def _more_than_outstanding(self, entry: _Entry) -> bool:
        outstanding = self._classes[entry.place].outstanding
        if outstanding is None or entry.held <= outstanding:
            return False
        entry.unknown = True
        entry.reasons.append(f"{plain(entry.held)} held of {plain(outstanding)} outstanding")
        return True

    def _look_for_what_is_given_up(self) -> None:
        """Votes are known only where the shares that convert are among the holder's positions."""
        for (name, place), entry in self._given_up.items():
            held = self._holders.get((name, place))
            if held is None or not held.held:
                self._without_votes.add(name)
                entry.reasons.append(
                    f"votes not known: what is held of {self._classes[place].name}, which "
                    "converts, is not among the positions"
                )

    def _look_for_spellings(self) -> None:
        """Names of the same letters: one holder in two rows has too small a part in each."""
        spelt: dict[str, dict[str, str]] = {}
        for (name, _), entry in self._holders.items():
            letters = "".join(filter(str.isalnum, name))
            spelt.setdefault(letters or name, {})[name] = entry.name
        if len(spelt) == len({name for name, _ in self._holders}):
            return
        for (name, _), entry in self._holders.items():
            names = spelt["".join(filter(str.isalnum, name)) or name]
            others = ", ".join(f'"{spelling}"' for key, spelling in names.items() if key != name)
            if others:
                entry.for_review = True
                entry.reasons.append(f"{others}: the same holder in another spelling?")

    def _apply_blockers(self, entry: _Entry) -> None:
        """The tightest blocker first: in that order the most can be acquired."""
        if not entry.limited or entry.unknown:
            return
        outstanding = self._classes[entry.place].outstanding
        if outstanding is None:
            return
        for limit, rights, line, voting in sorted(entry.limited, key=lambda each: each[0]):
            own = plus(entry.held, entry.counted)
            open_to_it = room(limit, plus(outstanding, entry.counted), own)
            taken = min(rights, open_to_it)
            line.counted, line.not_counted = taken, minus(rights, taken)
            line.converted = taken if voting else 0
            entry.add(0, line.counted, line.not_counted, line.converted)
            if taken < rights:
                entry.reasons.append(
                    f"{plain(line.not_counted)} not counted: blocker of {percent(limit)}"
                )

    # -------------------------------------------------------- groups

    def _join(self, position: Position, place: int, key: tuple[str, int], line: _Line) -> None:
        assert position.group is not None
        group = self._groups.setdefault(
            (self._name(position.group), place), _Entry(position.group, place, lines=[])
        )
        assert group.lines is not None
        group.lines.append(line)
        self._members.setdefault(self._name(position.group), {})[key[0]] = None

    def _close_groups(self) -> None:
        """Every line once, and what is open about a member is open about the group."""
        for (name, place), group in self._groups.items():
            self._weigh_blockers_together(name, place, group)
            for line in group.lines or ():
                group.add(line.held, line.counted, line.not_counted, line.converted)
            for member in self._members[name]:
                self._take_over(group, member, place, name)

    def _weigh_blockers_together(self, name: str, place: int, group: _Entry) -> None:
        """Clauses differ in whether they add up a group: where that decides, a person does."""
        members = [
            entry
            for member in self._members[name]
            if (entry := self._holders.get((member, place))) is not None
        ]
        lines = {id(line) for line in group.lines or ()}
        limited = [
            (limit, rights, line, entry)
            for entry in members
            for limit, rights, line, _ in entry.limited
            if id(line) in lines
        ]
        outstanding = self._classes[place].outstanding
        open_ = outstanding is None or any(entry.unknown for entry in members)
        if not limited or len(members) < 2 or open_:
            return
        held, counted = self._apart_from({id(line) for _, _, line, _ in limited}, group)
        for limit, rights, line, entry in sorted(limited, key=lambda each: each[0]):
            base = plus(outstanding or 0, counted)
            taken = min(rights, room(limit, base, plus(held, counted)))
            counted = plus(counted, taken)
            if taken < line.counted:
                entry.for_review = True
                entry.reasons.append(
                    f"{plain(minus(line.counted, taken))} fewer would count where the blocker of "
                    f"{percent(limit)} takes the group {group.name} together: what does its "
                    "clause say?"
                )

    def _apart_from(self, limited: set[int], group: _Entry) -> tuple[Exact, Exact]:
        """What a group holds, and its rights that no blocker limits."""
        held: Exact = 0
        counted: Exact = 0
        for line in group.lines or ():
            held = plus(held, line.held)
            if id(line) not in limited:
                counted = plus(counted, line.counted)
        return held, counted

    def _take_over(self, group: _Entry, member: str, place: int, name: str) -> None:
        entry = self._holders.get((member, place))
        if entry is not None:
            group.unknown |= entry.unknown
            group.for_review |= entry.for_review
            if entry.unknown or entry.for_review:
                group.reasons.append(f"{entry.name}: {'; '.join(entry.reasons)}")
        if set(self._groups_of[member]) - {name}:
            group.for_review = True
            group.reasons.append(f"{self._groups_of[member][name]} has positions outside the group")

    # -------------------------------------------------------- rows

    def _rows_of(
        self, entries: dict[tuple[str, int], _Entry], kind: Kind
    ) -> Iterable[tuple[int, Row]]:
        """Rows with the place of their class, by which they are sorted."""
        votes = self._votes_by_name(entries)
        for (name, place), entry in entries.items():
            yield place, self._row(entry, kind, place, votes.get(name))

    def _row(self, entry: _Entry, kind: Kind, place: int, votes: tuple[Exact, Exact] | None) -> Row:
        stock = self._classes[place]
        reasons = entry.reasons
        unknown = entry.unknown
        if stock.outstanding is None:
            unknown, reasons = True, [*reasons, f"outstanding of {stock.name} is not given"]
        known = None if unknown else entry.counted
        base = None if known is None else plus(stock.outstanding or 0, known)
        status = NEEDS_INPUT if unknown else REVIEW if entry.for_review else OK
        return Row(
            entry.name,
            kind,
            stock.name,
            entry.held,
            known,
            entry.not_counted,
            None if known is None else plus(entry.held, known),
            base,
            None if votes is None or unknown else votes[0],
            None if votes is None or unknown else votes[1],
            status,
            "; ".join(dict.fromkeys(reasons)),
        )

    def _votes_by_name(
        self, entries: dict[tuple[str, int], _Entry]
    ) -> dict[str, tuple[Exact, Exact]]:
        """Own votes and all votes with the own rights; nothing where one is not known."""
        per_share: list[Exact] = []
        everyone: Exact = 0
        for stock in self._classes:
            votes = 1 if stock.votes is None and len(self._classes) == 1 else stock.votes
            if votes is None or stock.outstanding is None:
                return {}
            per_share.append(votes)
            everyone = plus(everyone, times(stock.outstanding, votes))
        open_names = {name for (name, _), entry in entries.items() if entry.unknown}
        open_names |= self._without_votes
        open_names |= {
            name for name, members in self._members.items() if self._without_votes & members.keys()
        }
        found: dict[str, tuple[Exact, Exact]] = {}
        for (name, place), entry in entries.items():
            if name in open_names:
                continue
            votes = per_share[place]
            own, base = found.get(name, (0, everyone))
            rights = times(minus(entry.counted, entry.converted), votes)
            own = plus(own, plus(times(entry.held, votes), rights))
            found[name] = (own, plus(base, rights))
        return found

    # -------------------------------------------------------- names

    def _place(self, number: int, of: str | None, holder: str) -> int:
        if not of and len(self._classes) == 1:
            return 0
        place = self._places.get(self._name(of or ""))
        if place is None:
            listed = ", ".join(stock.name for stock in self._classes)
            if not of:
                raise NotEnoughData(f"position {number} ({holder}): no class is given: {listed}")
            raise Malformed(
                f'position {number} ({holder}): "{of}" is not among the classes: {listed}'
            )
        return place

    def _name(self, name: str) -> str:
        """A name as names are compared: without regard to case and spacing."""
        folded = self._folded.get(name)
        if folded is None:
            folded = self._folded[name] = " ".join(name.casefold().split())
        return folded


def _nothing_given(position: Position) -> str:
    """What a position lacks that has neither shares nor a right."""
    if position.held is None and position.rights is None:
        return "neither shares held nor a right is given"
    blank, other = ("rights", "held") if position.rights is None else ("held", "rights")
    return f"0 {other} and {blank} not given: 0 for none"


def _places(classes: Sequence[StockClass]) -> dict[str, int]:
    if not classes:
        raise Malformed("no class of stock is given")
    places: dict[str, int] = {}
    for place, stock in enumerate(classes):
        if stock.outstanding == 0:
            raise NothingOutstanding(f"{stock.name}: nothing is outstanding")
        name = " ".join(stock.name.casefold().split())
        if name in places:
            raise Malformed(f'class "{stock.name}" is listed twice')
        places[name] = place
    return places


def thresholds(as_of: date | None) -> tuple[Threshold, ...]:
    """What the table was worked out with."""
    return (RIGHT_TO_ACQUIRE.on(as_of),)
