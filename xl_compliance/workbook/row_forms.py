"""Reads the rows of a table many at a time, by one expression for a whole row.

Rows of a table are written alike: the same columns, each with one of a few lists of attributes.
`Forms` learns from rows that were read one by one how, and makes an expression of it. It matches
nothing that would be read otherwise one by one; a row that it does not match is read so.
"""

from __future__ import annotations

import re
from collections import Counter, deque
from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from itertools import repeat
from typing import TYPE_CHECKING, Final, NamedTuple

from xl_compliance.workbook.cell_values import ANYTHING, GENERAL, Convert, Converter, Kind
from xl_compliance.workbook.grid import Block
from xl_compliance.workbook.snapshot import CellValue, truth_behind

if TYPE_CHECKING:
    from xl_compliance.workbook.shared_formulas import SharedFormula

SHORTEST: Final = 4
"""Fewer rows are not worth a block."""

_ENOUGH: Final = 32  # rows to learn from; an expression takes as long to make as some 50 to read
_KEPT: Final = 1024
_WORTH_IT: Final = 64
WORTH_LEARNING: Final = _ENOUGH + _WORTH_IT
"""In fewer rows no form is looked for."""

_SHARE: Final = 1 / 8  # of the rows learned from; what fewer have is taken for headers
_WIDEST: Final = 512
_MOST_KINDS: Final = 16
_TRUTHS: Final = frozenset({b"TRUE()", b"FALSE()"})
_FORMULA: Final = rb'<f(?: a?ca="\w++")?+>([^<]*+)</f>'
_MEMBER: Final = rb' t="shared"(?: a?ca="\w++")?+ si="([0-9]++)"/'
_IS_MEMBER: Final = re.compile(_MEMBER)

Groups = Iterator[Sequence[bytes | None]]
Formulas = Sequence["bytes | SharedFormula | None"]
Shared = Mapping[bytes, "SharedFormula"]
Cells = tuple[Sequence[CellValue], Formulas, str | Sequence[str]]


class Plan(NamedTuple):
    """How a row was written: letters and attributes of its cells, and what they are.

    `places` says where each column stands.
    """

    letters: Sequence[bytes]
    attributes: Sequence[bytes]
    kinds: Sequence[Kind]
    places: Mapping[int, int]
    converts: Sequence[Convert]
    codes: Sequence[str]
    any_spelled_out: bool

    @staticmethod
    def of(
        letters: Sequence[bytes],
        attributes: Sequence[bytes],
        kinds: Sequence[Kind],
        places: Mapping[int, int],
    ) -> Plan:
        """The plan, with what is asked for most often put ready."""
        return Plan(
            letters,
            attributes,
            kinds,
            places,
            [kind.converter.one for kind in kinds],
            [kind.code for kind in kinds],
            any(kind.spelled_out for kind in kinds),
        )


class _Column:
    """How the cells of a column are written: kinds by attributes, and whether with formulas.

    All kinds spell their text out, or none does. Formulas are written at their cells or, of
    `members` of a shared formula, elsewhere.
    """

    def __init__(
        self, letters: bytes, kinds: Mapping[bytes, Kind], has_own: bool, has_members: bool
    ) -> None:
        self._letters = letters
        self._kinds = kinds
        self._has_own = has_own
        self._has_members = has_members
        self._has_formulas = has_own or has_members

    @cached_property
    def _only(self) -> Kind | None:
        """The kind of all its cells, if they have the same."""
        return next(iter(self._kinds.values())) if len(self._kinds) == 1 else None

    @cached_property
    def _converter(self) -> Converter | None:
        """What converts all its cells, if they have the same."""
        converters = {kind.converter for kind in self._kinds.values()}
        return converters.pop() if len(converters) == 1 else None

    def expression(self) -> bytes:
        """What matches one cell, or none."""
        longest_first = sorted(self._kinds, key=len, reverse=True)
        attributes = b"|".join(re.escape(it) for it in longest_first)
        if self._only is None:
            attributes = b"(%s)" % attributes
        formula = self._formula() if self._has_formulas else b""
        cell = rb'<c r="%s\1"%s(?:>%s%s</c>|/>)'
        return b"(?:%s)?+" % (cell % (self._letters, attributes, formula, self._value()))

    def _formula(self) -> bytes:
        own, member = [_FORMULA] * self._has_own, [b"<f%s>" % _MEMBER] * self._has_members
        return b"(?:%s)?+" % b"|".join(own + member)

    def _value(self) -> bytes:
        written = self._converter.written if self._converter else ANYTHING
        if any(kind.spelled_out for kind in self._kinds.values()):
            return rb'(?:<is><t(?: xml:space="preserve")?+>(%s)</t></is>)?+' % written
        # Some programs write an empty value behind a formula that they do not calculate.
        empty = rb"|<v ?/>" if self._has_formulas else b""
        return rb"(?:<v>(%s)</v>%s)?+" % (written, empty)

    def read(self, groups: Groups, shared: Shared, rows: range, column: int) -> Cells:
        """Values, formulas if any, and formats of the cells that its groups have matched."""
        kinds: Sequence[Kind | None] = ()
        if self._only is None:
            kinds = [None if it is None else self._kinds[it] for it in next(groups)]
        formulas: Formulas = next(groups) if self._has_own else ()
        if self._has_members:
            formulas = _with_members(formulas, _members(next(groups), shared, rows, column))
        values = self._values(next(groups), kinds)
        if formulas.count(None) == len(formulas):
            formulas = ()
        else:
            values = self._calculated(values, formulas, kinds)
        return values, formulas, self._codes(kinds)

    def _values(
        self, raws: Sequence[bytes | None], kinds: Sequence[Kind | None]
    ) -> Sequence[CellValue]:
        if self._converter is not None:
            return self._converter.values(raws)
        return [
            kind.converter.one(raw) if raw and kind else None
            for raw, kind in zip(raws, kinds, strict=True)
        ]

    def _calculated(
        self,
        values: Sequence[CellValue],
        formulas: Formulas,
        kinds: Sequence[Kind | None],
    ) -> Sequence[CellValue]:
        """The values, with what a formula without one has, and truths that are saved as numbers."""
        if isinstance(values, list) and None in values:
            values = [
                kind.uncalculated if value is None and formula is not None and kind else value
                for value, formula, kind in zip(
                    values, formulas, kinds or repeat(self._only), strict=False
                )
            ]
        if not _TRUTHS.isdisjoint(formulas):
            values = [
                truth_behind(value, b">" + formula) if isinstance(formula, bytes) else value
                for value, formula in zip(values, formulas, strict=True)
            ]
        return values

    def _codes(self, kinds: Sequence[Kind | None]) -> str | Sequence[str]:
        codes = {kind.code for kind in self._kinds.values()}
        if len(codes) == 1:
            return codes.pop()
        return [kind.code if kind else GENERAL for kind in kinds]


def _members(indices: Sequence[bytes | None], shared: Shared, rows: range, column: int) -> Formulas:
    """What each cell of a column has of shared formulas.

    Raises `LookupError` where one is not known, or its references leave the sheet.
    """
    found: dict[bytes | None, bytes | SharedFormula | None] = {None: None}
    for index in set(indices) - {None}:
        formula = shared[index]  # type: ignore[index]
        if not formula.reaches(rows.start, column):
            raise LookupError(f"{index!r} at row {rows.start}")
        found[index] = formula.constant if formula.constant in _TRUTHS else formula
    return [found[index] for index in indices]


def _with_members(own: Formulas, members: Formulas) -> Formulas:
    """The formulas of a column, of which each cell has one at most."""
    if own.count(None) == len(own):
        return members
    return [
        member if formula is None else formula for formula, member in zip(own, members, strict=True)
    ]


class Form:
    """The expression for rows of a table; its first groups are a row's number and attributes."""

    def __init__(self, columns: Mapping[int, _Column]) -> None:
        self._columns = columns
        cells = b"".join(column.expression() for column in columns.values())
        row = rb'<row r="([1-9][0-9]{0,6}+)"([^>/]*+)>(?=<c )%s</row>[ \n\t]*+'
        self.expression = re.compile(row % cells)

    def block(self, rows: range, groups: Groups, shared: Shared) -> Block:
        """Rows that were matched, from the groups behind the first two, with shared formulas.

        Raises an error where a value is refused, without a word of which.
        """
        columns: dict[int, Sequence[CellValue]] = {}
        formulas: dict[int, Formulas] = {}
        codes: dict[int, str | Sequence[str]] = {}
        gaps = False
        for number, column in self._columns.items():
            values, texts, code = column.read(groups, shared, rows, number)
            blanks = values.count(None) if isinstance(values, list) else 0
            if blanks == len(rows):
                continue
            gaps = gaps or blanks > 0
            columns[number], codes[number] = values, code
            if texts:
                formulas[number] = texts
        return Block(rows, columns, formulas, codes, gaps)


class Forms:
    """Learns how the rows of one sheet are written; `form` is how most of them are, once known.

    It learns again from rows that are written otherwise, each time from twice as many.
    """

    def __init__(self) -> None:
        self.form: Form | None = None
        self._letters: dict[int, bytes] = {}
        self._kinds: dict[int, dict[bytes, Kind]] = {}
        self._with_own: set[int] = set()
        self._with_members: set[int] = set()
        self._seen: deque[tuple[Plan, Sequence[bytes | None]]] = deque(maxlen=_KEPT)
        self._rows = 0
        self._enough = _ENOUGH

    def saw(self, plan: Plan, formulas: Sequence[bytes | None]) -> None:
        """Take note of a row that was read by itself, and the insides of its formula elements."""
        self._seen.append((plan, formulas))
        self._rows += 1

    def learned(self, following: float) -> bool:
        """Whether there is another form now, for so many rows that follow."""
        if self._rows < self._enough or following < _WORTH_IT:
            return False
        self._rows = 0
        self._enough *= 2
        if not self._take_in() or len(self._kinds) > _WIDEST:
            return False
        self.form = Form(
            {
                column: _Column(
                    self._letters[column],
                    kinds,
                    column in self._with_own,
                    column in self._with_members,
                )
                for column, kinds in sorted(self._kinds.items())
            }
        )
        return True

    def _take_in(self) -> bool:
        """Take in what was seen; whether anything of it is new."""
        counts: Counter[tuple[int, bytes]] = Counter()
        kinds: dict[tuple[int, bytes], Kind] = {}
        with_own: set[int] = set()
        with_members: set[int] = set()
        least = max(2, len(self._seen) * _SHARE)
        for plan, formulas in self._seen:
            cells = list(zip(plan.places, plan.attributes, strict=True))
            counts.update(cells)
            kinds.update(zip(cells, plan.kinds, strict=True))
            self._letters.update(zip(plan.places, plan.letters, strict=True))
            for column, formula in zip(plan.places, formulas, strict=False):
                if formula is None:
                    continue
                if _IS_MEMBER.fullmatch(formula):
                    with_members.add(column)
                elif b't="shared"' not in formula:
                    with_own.add(column)
        self._seen.clear()
        admitted = [
            self._admitted(*cell, kinds[cell]) for cell, count in counts.items() if count >= least
        ]
        with_own = (with_own & self._kinds.keys()) - self._with_own
        with_members = (with_members & self._kinds.keys()) - self._with_members
        self._with_own |= with_own
        self._with_members |= with_members
        return any(admitted) or bool(with_own) or bool(with_members)

    def _admitted(self, column: int, attributes: bytes, kind: Kind) -> bool:
        """Take in a kind of cell, if it is new and goes with the others of its column."""
        known = self._kinds.setdefault(column, {})
        if attributes in known or len(known) >= _MOST_KINDS:
            return False
        if any(other.spelled_out != kind.spelled_out for other in known.values()):
            return False
        known[attributes] = kind
        return True
