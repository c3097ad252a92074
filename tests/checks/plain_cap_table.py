"""A cap table gone through row by row and cell by cell in fractions, as one would on paper.

What `deal/cap_table_ties.py` and `deal/cap_table_reading.py` work out for whole columns is worked
out here again, with no running sums, no floats and nothing kept. Which columns may be added up or
divided is not asked anew: those choices are taken from there.
"""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_EVEN, Context, Decimal
from fractions import Fraction

from xl_compliance.deal.cap_table_cells import CellKind
from xl_compliance.deal.cap_table_ties import _parts, _share_columns
from xl_compliance.deal.cap_table_words import (
    _BESIDE_HOLDER,
    _CLASS_TABLE,
    _HOLDER,
    _WEAK_HOLDER,
    Role,
    RowKind,
    row_kind,
    words_of,
)
from xl_compliance.workbook.number_formats import decimals_shown, shows_percent
from xl_compliance.workbook.snapshot import NOT_CALCULATED, ExcelError, parse_address

MISSING = (CellKind.NOT_CALCULATED, CellKind.ERROR)
COMPUTED = Fraction(1, 10**12)
FIFTEEN = Context(prec=15, rounding=ROUND_HALF_EVEN)


# ---------------------------------------------------------------- cells


def classified(value):
    """What a value is, and the number it shows."""
    if value is None:
        return CellKind.BLANK, None
    if value is NOT_CALCULATED:
        return CellKind.NOT_CALCULATED, None
    if isinstance(value, ExcelError):
        return CellKind.ERROR, None
    if isinstance(value, (bool, date)):
        return CellKind.TEXT, None
    if isinstance(value, (int, float)):
        if value and not 1e-300 <= abs(value) <= 1e300:
            return CellKind.ERROR, None
        return CellKind.NUMBER, Fraction(FIFTEEN.create_decimal(Decimal(value)))
    text = value.strip()
    if text.lower() in ("", "-", "–", "—", "n/a", "na", "nil", "none"):
        return CellKind.BLANK, None
    number = number_in(text)
    return (CellKind.TEXT, None) if number is None else (CellKind.TEXT_NUMBER, number)


def number_in(text):
    signs = re.fullmatch(r"([(\s]*[-+]?\s*[$€£]?\s*)(\d[\d,'\s]*(?:\.\d+)?)(\s*%?\s*\)?)", text)
    if not signs:
        return None
    number = Fraction(re.sub(r"[,'\s]", "", signs[2]))
    number /= 100 if "%" in signs[3] else 1
    number *= -1 if text.startswith("(") or "-" in signs[1] else 1
    return Fraction(FIFTEEN.divide(Decimal(number.numerator), Decimal(number.denominator)))


def counts(kind):
    return kind not in (CellKind.BLANK, CellKind.TEXT)


def holder_header(text):
    """What a header of names is, every word of it looked at."""
    found = words_of(text).split()
    rest = [word for word in found if not _BESIDE_HOLDER.fullmatch(word)]
    if not found or len(found) > 6:
        return ""
    if rest and all(_HOLDER.fullmatch(word) for word in rest):
        return "strong"
    if _CLASS_TABLE.fullmatch(" ".join(found)):
        return "class"
    weak = [word for word in found if _WEAK_HOLDER.fullmatch(word)]
    return "weak" if weak and all(_WEAK_HOLDER.fullmatch(word) for word in rest) else ""


# ---------------------------------------------------------------- kinds of rows


def kinds(table):
    """What each row is, from its label and its numbers and those of the rows above."""
    rows, settled = table.rows, []
    for row in rows:
        numbers = any(counts(it.kind) for it in row.cells.values())
        first = row_kind(row.label) if numbers else RowKind.SECTION
        settled.append(settled_kind(table, row, first, settled))
    return with_odd_names(table, settled)


def settled_kind(table, row, kind, seen):
    text = words_of(row.label)
    if kind is RowKind.PERCENT:
        values = [row.value(it) for it in table.shares if row.value(it) is not None]
        if not all(-1 <= it <= 100 for it in values):
            kind = RowKind.TOTAL if "total" in text else RowKind.HOLDER
    if kind is RowKind.HOLDER and not row.label:
        described = any(it.kind is CellKind.TEXT for it in row.cells.values())
        last = row is table.rows[-1] and not described
        kind = RowKind.TOTAL if last or adds_up(table, row, seen) else kind
    alone = bool(seen) and seen[-1] is RowKind.TOTAL and is_part_total(text)
    if kind is RowKind.TOTAL and alone and not adds_up(table, row, seen):
        kind = RowKind.HOLDER
    if kind is RowKind.HOLDER and re.search(r"\b(issued|granted|outstanding)\b", text):
        percents = any(row.cell(it).is_number for it in table.percents)
        kind = RowKind.TOTAL if not percents and adds_up(table, row, seen) else kind
    if kind.is_leaf and all(row.cell(it).kind is CellKind.BLANK for it in table.shares):
        percents = any(row.cell(it).is_number for it in table.percents)
        kind = kind if percents else RowKind.MEMO
    return kind


def is_part_total(text):
    whole = "shares units stock outstanding issued and fully diluted capitalization capitalisation "
    whole += "capital equity cap table number of all grand total totals company holders "
    whole += "shareholders stockholders stakeholders ownership securities as converted"
    return not set(text.split()) <= set(whole.split())


def adds_up(table, row, seen):
    above = [it for it, kind in zip(table.rows, seen, strict=False) if kind.is_leaf]
    compared = [it for it in table.shares if row.value(it) is not None]
    if not compared or len(above) < 2:
        return False
    return all(exact(row.value(it)) == plain_sum(above, it) for it in compared)


def plain_sum(rows, column):
    return sum((exact(row.value(column)) for row in rows), start=Fraction(0))


def exact(value):
    return Fraction(value or 0)


def with_odd_names(table, settled):
    leaves = [index for index, kind in enumerate(settled) if kind.is_leaf]
    wholes = [
        index
        for index, kind in enumerate(settled)
        if kind is RowKind.TOTAL
        and not is_part_total(words_of(table.rows[index].label))
        and any(it < index for it in leaves)
    ]
    odd = [index for index in range(len(settled)) if is_odd(table, settled, index)]
    if not wholes:
        inner = [it for it in odd if leaves and leaves[0] < it < leaves[-1]]
        chosen = [it for it in inner if settled[it] is RowKind.MEMO]
    else:
        odd = [it for it in odd if it < wholes[0]]
        most, chosen = tied(table, settled, wholes[0], []), []
        for some in [*([it] for it in odd), odd]:
            if tied(table, settled, wholes[0], some) > most:
                most, chosen = tied(table, settled, wholes[0], some), some
    return [RowKind.HOLDER if index in chosen else it for index, it in enumerate(settled)]


def is_odd(table, settled, index):
    row, kind = table.rows[index], settled[index]
    if not any(row.cell(it).is_number for it in table.shares):
        return False
    part = kind is RowKind.TOTAL and is_part_total(words_of(row.label))
    return kind is RowKind.MEMO or (part and not adds_up(table, row, settled[:index]))


def tied(table, settled, end, also):
    above = [table.rows[it] for it in range(end) if settled[it].is_leaf or it in also]
    total = table.rows[end]
    return sum(
        bool(total.value(it)) and exact(total.value(it)) == plain_sum(above, it)
        for it in table.shares
    )


# ---------------------------------------------------------------- rounding


def room(table, row, column, places=0):
    cell = row.cell(column)
    value = exact(cell.value)
    if cell.value is None:
        return Fraction(0)
    if cell.formula and "ROUND" not in cell.formula.upper():
        return abs(value) * COMPUTED
    code = table.format_of(row.number, column.number)
    if shows_percent(code) and decimals_shown(code) is not None and abs(value) <= 1:
        return Fraction(1, 2 * 10 ** decimals_shown(code))
    return Fraction(1, 2 * 10 ** max(cell.places, places))


def room_of_shares(cell):
    value = cell.value
    if cell.rounded and not cell.formula:
        return Fraction(1, 2 * 10**cell.places)
    if value is None or (Fraction(value).denominator == 1 and abs(value) < 10**15):
        return Fraction(0)
    if cell.formula:
        return Fraction(10) ** (Decimal(value).adjusted() - 14)
    return Fraction(1, 2 * 10**cell.places)


def add(cells):
    held = [it for it in cells if it.value]
    slack = sum((room_of_shares(it) for it in held), start=Fraction(0))
    return sum((exact(it.value) for it in held), start=Fraction(0)), slack


# ---------------------------------------------------------------- totals of columns


def untied(table):
    """Totals that no reading explains: place, sum, places of the rows, the odd row, whether sure."""
    found = []
    for row in table.totals:
        above = [it for it in table.rows if it.number < row.number]
        if not any(it.kind.is_leaf for it in above):
            above = [it for it in table.rows if it.kind.is_leaf]
        columns = [it for it in table.columns if it.role.is_shares or it.role.is_percent]
        columns = [it for it in columns if row.cell(it).is_number and countable(above, it)]
        off = [it for it in columns if not ties(table, row, it, above)]
        found += [nearest(row, it, above, len(columns) > len(off)) for it in off]
    return found


def countable(above, column):
    cells = [it.cell(column) for it in above if it.kind.is_leaf]
    return any(it.is_number for it in cells) and not any(it.kind in MISSING for it in cells)


def ties(table, row, column, above):
    for rows in readings(row, column, above):
        plain = [it for it in rows if it.cell(column).kind is not CellKind.TEXT_NUMBER]
        if adds_to(table, row, column, rows) or adds_to(table, row, column, plain):
            return True
    return False


def adds_to(table, row, column, rows):
    found, slack = add(it.cell(column) for it in rows)
    if column.role.is_percent:
        places = max((it.cell(column).places for it in rows), default=0)
        slack = sum((room(table, it, column, places) for it in [*rows, row]), start=COMPUTED)
    else:
        slack += room_of_shares(row.cell(column))
    return abs(found - exact(row.value(column))) <= slack


def readings(row, column, above):
    leaves = [it for it in above if it.kind.is_leaf]
    holders = [it for it in leaves if it.kind is RowKind.HOLDER]
    totals = [it for it in above if it.kind is RowKind.TOTAL]
    bounds = [it for it in above if it.kind in (RowKind.TOTAL, RowKind.SECTION)]
    yield leaves
    for bound in bounds:
        yield [it for it in leaves if it.number > bound.number]
    basic = column.role in (Role.OUTSTANDING, Role.PERCENT_BASIC)
    if basic or {"outstanding", "issued"} & set(words_of(row.label).split()):
        yield holders
    yield without_details(leaves, column)
    if not totals:
        return
    yield [*totals, *(it for it in leaves if it.number > bounds[-1].number)]
    for total in totals:
        yield [total, *(it for it in leaves if it.number > total.number)]
    if not any(it.number > totals[-1].number for it in holders):
        yield totals
        yield [*totals, *(it for it in leaves if it.kind is RowKind.POOL)]
        yield from ([it] for it in totals)


def without_details(leaves, column):
    kept, index = [], 0
    while index < len(leaves):
        kept.append(leaves[index])
        whole, found, count = exact(leaves[index].value(column)), Fraction(0), 0
        for it in leaves[index + 1 :]:
            found, count = found + exact(it.value(column)), count + 1
            if found >= whole:
                break
        spelled_out = found == whole and whole > 0 and count > 1
        index += 1 + (count if spelled_out else 0)
    return kept


def nearest(row, column, above, others_tie):
    leaves = [it for it in above if it.kind.is_leaf]
    totals = [it for it in above if it.kind is RowKind.TOTAL]
    below_all = totals and not any(it.number > totals[-1].number for it in leaves)
    rows = totals if below_all else leaves
    found, slack = add(it.cell(column) for it in rows)
    missing = found - exact(row.value(column))
    odd, how = None, ""
    for it in rows:
        value = exact(it.value(column))
        if value and abs(value - missing) <= slack:
            odd, how = it, "leaves out"
        elif value and abs(value + missing) <= slack:
            odd, how = it, "counts twice"
        if odd:
            break
    plain = all(it.kind is RowKind.HOLDER for it in above) and bool(row.label)
    sure = odd.kind is not RowKind.POOL if odd else others_tie or plain
    cause = f'the difference is row {odd.number} ("{odd.label}"), which it {how}' if odd else ""
    return row.number, column.number, found, [it.number for it in rows], cause, sure


# ---------------------------------------------------------------- totals of rows


def row_sum(table, column):
    """The columns that a column adds up, and the rows that depart; None where none fit."""
    rows = [it for it in (*table.leaves, *table.totals) if it.cell(column).is_number]
    best = None
    for parts in _parts(table, column, rows):
        compared = [it for it in rows if it.kind.is_leaf and comparable(it, parts, column)]
        off = [it for it in compared if not sums_to(it, parts, column)]
        if not compared or len(off) * 2 > len(compared):
            continue
        if best is None or len(off) < len(best[1]):
            best = (parts, off)
    return best and ([it.number for it in best[0]], sorted(it.number for it in best[1]))


def comparable(row, parts, column):
    if any(row.cell(it).kind in MISSING for it in parts):
        return False
    if row.kind is RowKind.HOLDER:
        return bool(row.value(column)) or any(row.value(it) for it in parts)
    return bool(row.value(column)) and any(row.cell(it).is_number for it in parts)


def sums_to(row, parts, column):
    total, cells = row.cell(column), [row.cell(it) for it in parts]
    plain = [it for it in cells if it.kind is not CellKind.TEXT_NUMBER]
    for some in (cells, plain):
        found, slack = add(some)
        if abs(found - exact(total.value)) <= slack + room_of_shares(total):
            return True
    return False


# ---------------------------------------------------------------- percentages


def basis(table, column):
    """What percentages are of: parts, whole, its row, scale, departures; None where of nothing."""
    rows = [it for it in (*table.leaves, *table.totals) if it.cell(column).is_number]
    bound, others = _share_columns(table, column)
    best = None
    for is_bound, parts in [*((True, it) for it in bound), *((False, it) for it in others)]:
        compared = [it for it in rows if both(it, column, parts)]
        places = max((it.cell(column).places for it in compared), default=0)
        for whole, place in wholes(table, column, parts) if compared else ():
            for scale in (1, 100):
                leaves = [it for it in compared if it.kind.is_leaf]
                off = [
                    it
                    for it in leaves
                    if not is_share(table, it, column, parts, whole, scale, places)
                ]
                fits = len(off) * 2 <= len(compared) and len(compared) > len(off)
                if not fits or (off and not is_bound):
                    continue
                found = [it.number for it in parts], whole, place, scale, [it.number for it in off]
                if not off:
                    return found
                if best is None or len(off) < len(best[-1]):
                    best = found
    return best


def both(row, column, parts):
    if any(row.cell(it).kind in MISSING for it in parts):
        return False
    shares = any(row.value(it) for it in parts)
    if row.kind is RowKind.TOTAL:
        return shares and bool(row.value(column))
    return shares or bool(row.value(column))


def wholes(table, column, parts):
    seen = set()
    leaves = table.leaves
    holders = [it for it in leaves if it.kind is RowKind.HOLDER]
    sums = [(sum(exact(row.value(it)) for it in parts), row.number) for row in table.totals[::-1]]
    sums.append((sum(plain_sum(leaves, it) for it in parts), None))
    if column.role is not Role.PERCENT_DILUTED:
        sums.append((sum(plain_sum(holders, it) for it in parts), None))
    for whole, place in sums:
        if whole > 0 and whole not in seen:
            seen.add(whole)
            yield whole, place


def is_share(table, row, column, parts, whole, scale, places):
    shares, slack = add(row.cell(it) for it in parts)
    allowed = room(table, row, column, places) + (slack / whole + COMPUTED) * scale
    return abs(exact(row.value(column)) - shares / whole * scale) <= allowed


def places_of(grid, table):
    """The values of a grid that stand in the rows and columns of a table, but for the names."""
    rows = {row.number for row in table.rows}
    columns = {it.number for it in table.columns if it.role is not Role.HOLDER}
    for address, value in grid.items():
        row, column = parse_address(address)
        if row in rows and column in columns:
            yield row, column, value
