"""Worksheet functions as names of LAMBDA formulas: Excel 365 with nothing else installed.

Only functions that arithmetic alone decides. Excel calculates in binary floating point, so every
number is first read as the whole number of its smallest decimal unit, at Excel's 15 significant
digits; sums, products and quotients of such whole numbers below `LIMIT` are exact, and so are the
comparisons. What goes beyond is `#NUM!`, never an answer. The lines come from the parameter files.

This was not run in Excel: each formula is taken back out of the file and evaluated by another
engine, with its parameters bound, against the vectors and against `call`.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from functools import cache
from textwrap import shorten
from typing import Final

from xl_compliance.functions.cells import DAY, FACT, FACT_WORDS, MOMENT, Kind
from xl_compliance.functions.registry import Argument, Function, Shape, find
from xl_compliance.functions.spellings import bare
from xl_compliance.rules.nasdaq import director_rights, issuance_size, minimum_price, warrants
from xl_compliance.rules.outcome import NEEDS_INPUT, REVIEW, UNKNOWN, Fact
from xl_compliance.rules.parameters import Parameter, Threshold
from xl_compliance.rules.sec import beneficial_ownership
from xl_compliance.rules.tsx import prospectus_offering

LIMIT: Final = 10**14
"""Whole numbers from here on are not trusted: Excel compares 15 digits."""

LONGEST_FORMULA: Final = 8192
LONGEST_COMMENT: Final = 255
"""Excel refuses a file in which a name's comment is longer."""

_LIMIT: Final = f"1E+{len(str(LIMIT)) - 1}"
# The power of ten that makes whole numbers of all is searched among these.
_SCALES: Final = ("1", "100", "1E+4", "1E+6", "1E+8", "1E+10", "1E+12")
_HALF_A_SECOND: Final = "1/172800"
_LAST_DATE: Final = 2_958_466
_FUTURE_FUNCTIONS: Final = frozenset({"LET", "LAMBDA", "ISOMITTED"})
_TOKEN: Final = re.compile(
    r"""(?P<kept>"(?:[^"]|"")*"|\#(?:VALUE!|NUM!|DIV/0!|N/A)|\d+(?:\.\d+)?(?:E[+-]?\d+)?)"""
    r"|\[(?P<optional>[a-z_]+)\]|(?P<local>[a-z_]+)|(?P<function>[A-Z][A-Z0-9.]*)"
)


@dataclass(frozen=True, slots=True)
class Lambda:
    """A function as a defined name: the formula as one types it, and its help."""

    function: Function
    formula: str

    @property
    def name(self) -> str:
        """What a cell calls it."""
        return bare(self.function.name)

    @property
    def stored(self) -> str:
        """The formula as a file stores it.

        Newer functions, names bound in a formula, and parameters that may be left out each have a
        prefix of their own; without it Excel removes the name when it opens the file.
        """
        return _TOKEN.sub(_stored_token, self.formula)

    @property
    def comment(self) -> str:
        """The help that Excel shows while the call is typed, and in the Name Manager."""
        return shorten(self.function.summary, LONGEST_COMMENT, placeholder=" ...")


def _stored_token(match: re.Match[str]) -> str:
    kind, text = match.lastgroup, match[0]
    if kind == "optional":
        return f"_xlop.{match['optional']}"
    if kind == "local":
        return f"_xlpm.{text}"
    return f"_xlfn.{text}" if text in _FUTURE_FUNCTIONS else text


@cache
def all_lambdas() -> tuple[Lambda, ...]:
    """Every function that there is as a LAMBDA, in the order of the documentation."""
    return tuple(written(name) for name in _BODIES)


def names() -> frozenset[str]:
    """The functions that there are as LAMBDAs."""
    return frozenset(_BODIES)


def written(name: str) -> Lambda:
    """The LAMBDA of one function, with the lines that are in force."""
    function = find(name)
    steps = [*_given(function), *_read_all(function), *_BODIES[name]()]
    bound = [f"{local},{formula}" for local, formula in steps[:-1]]
    result = f"IF(counted_cells+reads>0,{steps[-1][1]})"
    needed = _helpers_in(",".join([*bound, result]))
    parameters = ",".join(f"[{argument.name}]" for argument in function.arguments)
    return Lambda(function, f"LAMBDA({parameters},LET({','.join([*needed, *bound, result])}))")


def _helpers_in(text: str) -> list[str]:
    """The helpers that a formula calls, and those that they call, in an order that works."""
    needed: list[str] = []
    for helper in reversed(_HELPERS):
        if f"{helper}(" in text or any(f"{helper}(" in each for each in needed):
            needed.insert(0, f"{helper},{_HELPERS[helper]}")
    return needed


# ---------------------------------------------------------------- reading arguments

_Steps = Iterator[tuple[str, str]]


def _chain(tests: Iterable[tuple[str, str]], otherwise: str) -> str:
    """IF within IF: the first test that holds gives the value."""
    pairs = list(tests)
    return "".join(f"IF({test},{value}," for test, value in pairs) + otherwise + ")" * len(pairs)


def _is_one_of(local: str, words: list[str]) -> str:
    listed = ",".join(f'"{word}"' for word in words)
    return f"OR({local}={{{listed}}})"


def _fact_codes() -> str:
    """ "T", "F", "U" for UNKNOWN, or a blank, of a word."""
    spelled: dict[Fact, list[str]] = {True: ["1"], False: [], UNKNOWN: [], None: ["", "0"]}
    for word, fact in FACT_WORDS.items():
        spelled[fact].append(word)
    codes = ((True, '"T"'), (False, '"F"'), (UNKNOWN, '"U"'), (None, '""'))
    return _chain(((_is_one_of("word", spelled[fact]), code) for fact, code in codes), "#VALUE!")


_HELPERS: Final = {
    # How many cells, or the error value in one of them.
    "cells": "LAMBDA(given,SUM(--(given=given)))",
    # Whether a number is a whole one at 15 significant digits; works cell by cell.
    "fits": "LAMBDA(number,LET(whole,ROUND(number,0),"
    "(number-whole)*(number-whole)*6.25E+30<=number*number))",
    # The power of ten that makes whole numbers of all.
    "unit_of": "LAMBDA(numbers,LET(count,cells(numbers),"
    + _chain(((f"SUM(--fits(numbers*{scale}))=count", scale) for scale in _SCALES), "#NUM!")
    + "))",
    "safe": f"LAMBDA(number,IF(number<{_LIMIT},number,#NUM!))",
    "whole_of": "LAMBDA(number,unit,safe(ROUND(number*unit,0)))",
    # Whatever INT makes of a quotient that binary fractions miss, the remainder puts right.
    "divide": "LAMBDA(top,bottom,LET(guess,INT(top/bottom),rest,top-guess*bottom,"
    "guess+IF(rest<0,-1,IF(rest<bottom,0,1))))",
    # Long division in steps of a thousand, so that no product passes the limit.
    "entitled": "LAMBDA(own,base,size,LET("
    "one,divide(size,1E+6),after_one,size-one*1E+6,"
    "two,divide(after_one,1000),three,after_one-two*1000,"
    "part_one,safe(own*one),quo_one,divide(part_one,base),"
    "part_two,safe((part_one-quo_one*base)*1000+own*two),quo_two,divide(part_two,base),"
    "part_three,safe((part_two-quo_two*base)*1000+own*three),"
    "safe(quo_one*1E+6+quo_two*1000+divide(part_three,base))))",
    "number_of": "LAMBDA(given,blank,zero,most,IF(cells(given)<>1,#VALUE!,"
    'IF(given="",blank,IF(given<"",IF(given<0,#NUM!,IF(given=0,zero,'
    "IF(given>most,#NUM!,given))),#VALUE!))))",
    # Of a range; anything but numbers and blanks is an error.
    "sum_of": 'LAMBDA(given,blank,zero,LET(numbers,IF(given<"",given,0),'
    'count,SUM(--(given<"")),IF(count+SUM(--(given=""))<cells(given),#VALUE!,'
    "IF(count=0,blank,IF(SUM(--(numbers<0))>0,#NUM!,LET(unit,unit_of(numbers),"
    "total,safe(SUM(ROUND(numbers*unit,0)))/unit,IF(total=0,zero,total)))))))",
    "word_of": 'LAMBDA(given,UPPER(TRIM(SUBSTITUTE(given,"_"," "))))',
    "fact_of": 'LAMBDA(given,IF(cells(given)<>1,#VALUE!,IF(ISLOGICAL(given),IF(given,"T","F"),'
    f"LET(word,word_of(given),{_fact_codes()}))))",
    "day_of": 'LAMBDA(given,IF(cells(given)<>1,#VALUE!,IF(given="","",IF(given<"",'
    f'IF(given=0,"",IF(given<1,#NUM!,IF(given>={_LAST_DATE},#NUM!,'
    f"INT(given+{_HALF_A_SECOND})))),#VALUE!))))",
}


def _given(function: Function) -> _Steps:
    """What was given, blank where it was left out; then how many cells, or the first error."""
    for name in (argument.name for argument in function.arguments):
        yield raw_name(name), f'IF(ISOMITTED({name}),"",{name})'
    yield "counted_cells", "+".join(f"cells({raw_name(each.name)})" for each in function.arguments)


def _read_all(function: Function) -> _Steps:
    for argument in function.arguments:
        reading = _SPECIAL.get((function.name, argument.name)) or _reading(argument)
        yield f"{argument.name}_r", reading(argument, function.numeric)
    # What cannot be read is an error even where nothing rests on it.
    yield "reads", "+".join(f"IF({each.name}_r=0,0,0)" for each in function.arguments)


def raw_name(name: str) -> str:
    """The local name of what was given: short, because Excel limits a formula's length.

    >>> raw_name("insider_net_price")
    'in_inp'
    """
    return "in_" + "".join(word[0] for word in name.split("_"))


_Reading = Callable[[Argument, bool], str]


def _reading(argument: Argument) -> _Reading:
    if argument.shape is Shape.SUMMED:
        return _read_sum
    if argument.kind is FACT:
        return _read_fact
    return _read_date if argument.kind in (DAY, MOMENT) else _read_number


def _blank(argument: Argument, numeric: bool) -> str:
    """What a blank is read as: 0 where a 0 that is given cannot be a number, else a blank."""
    if numeric and not argument.optional:
        return "#N/A"
    return '""' if argument.kind.zero == "a number" else "0"


def _zero(kind: Kind, numeric: bool) -> str:
    """What a 0 is read as."""
    if kind.zero == "a number":
        return "0"
    if kind.zero == "nothing outstanding":
        return "#DIV/0!"
    return "0" if kind.zero == "not given" and not numeric else "#NUM!"


def _read_number(argument: Argument, numeric: bool) -> str:
    blank, zero = _blank(argument, numeric), _zero(argument.kind, numeric)
    most = _LIMIT if argument.kind.most is None else str(argument.kind.most)
    return f"number_of({raw_name(argument.name)},{blank},{zero},{most})"


def _read_sum(argument: Argument, numeric: bool) -> str:
    blank, zero = _blank(argument, numeric), _zero(argument.kind, numeric)
    return f"sum_of({raw_name(argument.name)},{blank},{zero})"


def _read_fact(argument: Argument, numeric: bool) -> str:
    return f"fact_of({raw_name(argument.name)})"


def _read_date(argument: Argument, numeric: bool) -> str:
    return f"day_of({raw_name(argument.name)})"


def _read_date_or_approval(argument: Argument, numeric: bool) -> str:
    name, approval = raw_name(argument.name), f'"{warrants.APPROVAL}"'
    return f"IF(cells({name})<>1,#VALUE!,IF(word_of({name})={approval},{approval},day_of({name})))"


def _read_closes(argument: Argument, numeric: bool) -> str:
    """How many prices; the prices themselves stay where they are."""
    name = raw_name(argument.name)
    return (
        f'LET(count,SUM(--({name}<"")),IF(count+SUM(--({name}=""))<cells({name}),#VALUE!,'
        f'IF(count=0,#N/A,IF(SUM(--(IF({name}<"",{name},1)<=0))>0,#NUM!,count))))'
    )


def _not_supported(argument: Argument, numeric: bool) -> str:
    """Only a blank: with anything else the answer would rest on what no formula knows."""
    name = raw_name(argument.name)
    return f'IF(SUM(--({name}=""))<cells({name}),#N/A,"")'


def _read_convention(argument: Argument, numeric: bool) -> str:
    """The word of an exchange cap's convention; also its fraction, which a cell shows as it."""
    name = raw_name(argument.name)
    drafted = issuance_size.DRAFTING_CAP.on().value
    strict = _is_one_of("word", ["", "0", NEEDS_INPUT, issuance_size.STRICT])
    also = _is_one_of("word", [issuance_size.DRAFTED, str(drafted)])
    return (
        f"IF(cells({name})<>1,#VALUE!,IF(ISLOGICAL({name}),#VALUE!,"
        f'IF({name}<"",IF({name}=0,"S",IF({name}={drafted},"D",#VALUE!)),'
        f'LET(word,word_of({name}),IF({strict},"S",IF({also},"D",#VALUE!))))))'
    )


def _read_days(argument: Argument, numeric: bool) -> str:
    """How many dates; "APPROVAL" where one of them is that word."""
    name, approval = raw_name(argument.name), f'"{beneficial_ownership.APPROVAL}"'
    return (
        f'LET(numbers,IF({name}<"",{name},0),waiting,SUM(--({name}={approval})),'
        f'IF(SUM(--({name}<""))+SUM(--({name}=""))+waiting<cells({name}),#VALUE!,'
        f"IF(SUM(--(numbers<0))+SUM((numbers>0)*(numbers<1))+SUM(--(numbers>={_LAST_DATE}))>0,"
        f"#NUM!,IF(waiting>0,{approval},SUM(--(numbers>0))))))"
    )


def _read_exemption(argument: Argument, numeric: bool) -> str:
    """ "U" where an exemption may keep the offering under section 606; else a blank."""
    name = raw_name(argument.name)
    none = ["", "0", NEEDS_INPUT, prospectus_offering.NO_EXEMPTION, prospectus_offering.WKSI]
    life = [prospectus_offering.LIFE, UNKNOWN.value]
    return (
        f"IF(cells({name})<>1,#VALUE!,IF(ISLOGICAL({name}),#VALUE!,LET(word,word_of({name}),"
        f'IF({_is_one_of("word", none)},"",IF({_is_one_of("word", life)},"U",#VALUE!)))))'
    )


_SPECIAL: Final[Mapping[tuple[str, str], _Reading]] = {
    ("MINPRICE", "closes"): _read_closes,
    ("MINPRICE", "dates"): _not_supported,
    ("EXCHANGECAP", "convention"): _read_convention,
    ("WARRANTSAGGREGATE", "first_exercisable"): _read_date_or_approval,
    ("BENEFICIALPCT", "rights"): _read_sum,
    ("BENEFICIALPCT", "exercisable_on"): _read_days,
    ("TSX606", "insider_purchases"): _read_number,
    ("TSX606", "insider_holdings"): _read_number,
    ("TSX606", "insider_net_price"): _read_number,
    ("TSX606", "exemption"): _read_exemption,
}


# ---------------------------------------------------------------- thresholds


def _in_force(parameter: Parameter) -> Threshold:
    """The one version of a line; a formula that must choose between several is not written."""
    if len(parameter.versions) > 1:
        title = parameter.versions[0].title
        raise ValueError(f"{title}: several versions, of which a LAMBDA would have to choose")
    return parameter.versions[0]


def _ratio(threshold: Threshold) -> tuple[int, int]:
    value = Fraction(threshold.value)
    return value.numerator, value.denominator


# ---------------------------------------------------------------- whole numbers of decimals


def _unit(*numbers: str) -> str:
    """The power of ten that makes whole numbers of all of these."""
    return f"MAX({','.join(f'unit_of({number})' for number in numbers)})"


def _whole(number: str, unit: str) -> str:
    return f"whole_of({number},{unit})"


def _or_zero(name: str) -> str:
    return f'IF({name}_r="",0,{name}_r)'


# ---------------------------------------------------------------- the functions


def _issuancepct() -> _Steps:
    yield "unit", _unit("issuable_r", "outstanding_r")
    yield "", f"{_whole('issuable_r', 'unit')}/{_whole('outstanding_r', 'unit')}"


def _discountpct() -> _Steps:
    yield "unit", _unit("price_r", "reference_r")
    yield "reference_units", _whole("reference_r", "unit")
    yield "", f"(reference_units-{_whole('price_r', 'unit')})/reference_units"


def _minprice() -> _Steps:
    count = _in_force(minimum_price.SESSIONS_AVERAGED).value
    closes = raw_name("closes")
    yield "unit", f'unit_of(IF({closes}<"",{closes},0))'
    yield "last_close", f"INDEX({closes},ROWS({closes}),COLUMNS({closes}))"
    yield "last_times", f"safe({count}*ROUND(last_close*unit,0))"
    yield "every", f"safe(SUM(ROUND({closes}*unit,0)))"
    lower = f"IF(last_times<every,last_times,every)/({count}*unit)"
    complete = f"(cells({closes})={count})*(closes_r={count})"
    yield "", f"IF({complete}=0,#N/A,{lower})"


def _exchangecap() -> _Steps:
    strict, drafted = _in_force(issuance_size.SIZE), _in_force(issuance_size.DRAFTING_CAP)
    (top, bottom), (drafted_top, drafted_bottom) = _ratio(strict), _ratio(drafted)
    # Below a line that is reached at equality, the most is one less.
    short, drafted_short = (int(each.strictness == ">=") for each in (strict, drafted))
    yield "strict", 'convention_r="S"'
    yield "top_part", f"IF(strict,{top},{drafted_top})"
    yield "bottom_part", f"IF(strict,{bottom},{drafted_bottom})"
    yield "short", f"IF(strict,{short},{drafted_short})"
    # The most whole shares of a total, of which each new one counts so many times.
    yield (
        "most",
        "LAMBDA(total,each,LET(unit,MAX(unit_of(total),unit_of(each)),"
        "divide(safe(whole_of(total,unit)*top_part)-short,safe(bottom_part*whole_of(each,unit)))))",
    )
    yield "by_shares", "most(outstanding_r,1)"
    yield (
        "by_votes",
        "IF(votes_outstanding_r=0,by_shares,most(votes_outstanding_r,votes_per_new_share_r))",
    )
    yield "used", _or_zero("issued")
    yield "used_unit", _unit("used")
    # Rounded up: a fraction of a share issued uses up a whole one.
    yield "used_up", f"-divide(-{_whole('used', 'used_unit')},used_unit)"
    yield "unissued", "MIN(by_votes,by_shares)-used_up"
    one_only = "(votes_outstanding_r=0)<>(votes_per_new_share_r=0)"
    yield "", f"IF({one_only},#N/A,IF(unissued<0,0,unissued))"


def _value_of_warrants() -> _Steps:
    """The Minimum Price and the value of a warrant, in whole units of `1/unit`."""
    attributed = str(_in_force(warrants.ATTRIBUTED_VALUE).value)
    yield "lowest", f'IF(lowest_exercise_price_r="",{_LIMIT},lowest_exercise_price_r)'
    yield "strike", "IF(lowest<exercise_price_r,lowest,exercise_price_r)"
    yield "unit", _unit("min_price_r", "strike", attributed)
    yield "minimum", _whole("min_price_r", "unit")
    yield "in_money", f"minimum-{_whole('strike', 'unit')}"
    yield "worth", f"{_whole(attributed, 'unit')}+IF(in_money>0,in_money,0)"


def _warrantvalue() -> _Steps:
    yield from _value_of_warrants()
    yield "", "worth/unit"


def _value_taken_out() -> _Steps:
    """The value of the warrants sold with a share, in whole units of `1/(unit*part)`."""
    yield "coverage", "IF(warrants_per_share_r=0,1,warrants_per_share_r)"
    yield "part", _unit("coverage")
    yield "taken", f"safe({_whole('coverage', 'part')}*worth)"


def _unitfloor() -> _Steps:
    yield from _value_of_warrants()
    yield from _value_taken_out()
    yield "", "safe(safe(minimum*part)+taken)/(unit*part)"


def _effectiveprice() -> _Steps:
    yield from _value_of_warrants()
    yield from _value_taken_out()
    yield "wider", "MAX(unit,unit_of(unit_price_r))"
    yield "paid", f"safe({_whole('unit_price_r', 'wider')}*part)"
    yield "", "(paid-safe(taken*(wider/unit)))/(wider*part)"


def _conversionprice() -> _Steps:
    yield "cash", _or_zero("max_cash")
    yield "accrued", _or_zero("of_which_accrued_interest")
    yield "unit", _unit("principal_r", "cash", "accrued")
    yield "part", _unit("max_shares_r")
    yield "deducted", f"{_whole('cash', 'unit')}-{_whole('accrued', 'unit')}"
    yield "converted", f"{_whole('principal_r', 'unit')}-deducted"
    quotient = f"safe(converted*part)/safe({_whole('max_shares_r', 'part')}*unit)"
    yield "", f"IF(deducted<0,#NUM!,IF(converted<0,#NUM!,{quotient}))"


def _warrantsaggregate() -> _Steps:
    line = _in_force(warrants.NOT_EXERCISABLE)
    yield (
        "late",
        f'IF(first_exercisable_r="{warrants.APPROVAL}","U",IF(closing_r="","",'
        f'IF(first_exercisable_r="","",IF(first_exercisable_r{line.strictness}'
        f'EDATE(closing_r,{line.value}),"T","F"))))',
    )
    yield "lowest", _or_zero("lowest_exercise_price")
    yield "unit", _unit("lowest", "min_price_r")
    yield (
        "cheap",
        'IF(lowest_exercise_price_r="","",IF(min_price_r=0,"",'
        f'IF({_whole("lowest", "unit")}<{_whole("min_price_r", "unit")},"T","F")))',
    )
    need, review = f'"{NEEDS_INPUT}"', f'"{REVIEW}"'
    yield (
        "counted",
        f'IF(late="U",{review},IF(late="F",TRUE,IF(cheap="T",TRUE,IF(late="",{need},'
        f'IF(cheap="",{need},FALSE)))))',
    )
    yield "beside", f'IF(cheap="",{need},IF(cheap="T",{review},FALSE))'
    yield (
        "",
        f'IF(common_discounted_r="F",beside,IF(common_discounted_r<>"U",counted,'
        f"IF(OR(counted={need},beside={need}),{need},IF(counted=beside,counted,{review}))))",
    )


def _beneficialpct() -> _Steps:
    line = _in_force(beneficial_ownership.RIGHT_TO_ACQUIRE)
    beyond = int(line.value) + (1 if line.strictness == "<=" else 0)
    rights, dates = raw_name("rights"), raw_name("exercisable_on")
    yield "dated", "IF(exercisable_on_r=0,FALSE,TRUE)"
    yield "alike", (f"(ROWS({rights})=ROWS({dates}))*(COLUMNS({rights})=COLUMNS({dates}))")
    # A link to an empty cell is a blank date.
    yield "undated", f'({dates}="")+({dates}=0)>0'
    yield "halves", f'SUM(--(({rights}="")<>undated))'
    yield "near", f"--({dates}<as_of_r+{beyond}-{_HALF_A_SECOND})"
    yield "within", f'sum_of(IF(near*({rights}<""),{rights},0),0,0)'
    yield "far", "SUM((1-near)*(1-undated))"
    tests = (
        ("dated=FALSE", "rights_r"),
        ("alike=0", "#VALUE!"),
        ("halves>0", "#N/A"),
        (f'exercisable_on_r="{beneficial_ownership.APPROVAL}"', "#N/A"),
        ('control_purpose_r="T"', "rights_r"),
        ('as_of_r=""', "#N/A"),
        ("far=0", "within"),
        ('control_purpose_r="U"', "#N/A"),
    )
    yield "acquired", _chain(tests, "within")
    yield "unit", _unit("held_r", "acquired", "outstanding_r")
    yield "own", _whole("held_r", "unit")
    yield "base", _whole("outstanding_r", "unit")
    yield "added", _whole("acquired", "unit")
    yield "", "IF(own>base,#NUM!,safe(own+added)/safe(base+added))"


def _directorseats() -> _Steps:
    line = _in_force(director_rights.HALF)
    top, bottom = _ratio(line)
    yield "unit", _unit("investor_votes_r", "total_votes_r")
    yield "own", _whole("investor_votes_r", "unit")
    yield "base", _whole("total_votes_r", "unit")
    yield "board", "ROUND(board_size_r,0)"
    yield "rounded", "-divide(-safe(own*board),base)"
    yield "minority", f"safe(own*{bottom}){line.strictness}safe(base*{top})"
    stepped = "IF(minority,IF(2*rounded>board,divide(board,2),rounded),rounded)"
    yield "", f"IF(own>base,#NUM!,IF(fits(board_size_r),{stepped},#NUM!))"


def _blockermax() -> _Steps:
    yield "unit", _unit("limit_r")
    yield "most", _whole("limit_r", "unit")
    yield "held_too", _or_zero("held")
    yield "part", _unit("outstanding_r", "held_too")
    yield "base", _whole("outstanding_r", "part")
    yield "own", _whole("held_too", "part")
    yield "room", "safe(most*base)-safe(own*unit)"
    shares = "IF(room<0,0,divide(room,safe((unit-most)*part)))"
    yield "", f"IF(own>base,#NUM!,IF(most>=unit,#NUM!,{shares}))"


def _tsxprorata() -> _Steps:
    yield "unit", _unit("insider_shares_r", "outstanding_r")
    yield "own", _whole("insider_shares_r", "unit")
    yield "base", _whole("outstanding_r", "unit")
    yield "size", "IF(fits(offering_shares_r),ROUND(offering_shares_r,0),#NUM!)"
    yield "", "IF(own>base,#NUM!,entitled(own,base,size))"


def _tsx_606() -> _Steps:
    rule = prospectus_offering
    line = _in_force(rule.DISCOUNT)
    top, bottom = _ratio(line)
    since = rule.TEST.versions[-1].start
    assert since is not None
    need, review = f'"{NEEDS_INPUT}"', f'"{REVIEW}"'
    yield "old", f'IF(as_of_r="",FALSE,as_of_r<{_date(since)})'
    yield "holds", _or_zero("insider_holdings")
    yield "part", _unit("holds", "outstanding_r")
    yield "own", _whole("holds", "part")
    yield "base", _whole("outstanding_r", "part")
    yield "bought", _or_zero("insider_purchases")
    yield (
        "excess",
        "IF(fits(bought)*fits(offering_shares_r),"
        "ROUND(bought,0)>entitled(own,base,ROUND(offering_shares_r,0)),#NUM!)",
    )
    option, size = "over_allotment_shares_r", "offering_shares_r"
    too_many = f"bought-{size}-{option}>1E-6"
    prices = ("offer_price_r", "close_r", "insider_net_price_r", "public_net_price_r")
    yield "unit", _unit(*prices)
    for local, price in zip(("offered", "closed", "own_net", "public_net"), prices, strict=True):
        yield local, _whole(price, "unit")
    yield (
        "over",
        f"LAMBDA(asked,safe((closed-asked)*{bottom}){line.strictness}safe(closed*{top}))",
    )
    yield "nets", "IF(own_net=0,0,1)+IF(public_net=0,0,1)"
    tests = (
        ("old", review),
        ('broadly_marketed_r=""', need),
        ('broadly_marketed_r="U"', review),
        ('broadly_marketed_r="F"', f'IF(exemption_r="U",{review},"{rule.WHOLE_OFFERING}")'),
        ('insider_purchases_r=""', need),
        ("IF(base=0,FALSE,own>base)", "#NUM!"),
        (f'IF({option}="",FALSE,IF({size}=0,FALSE,{too_many}))', "#NUM!"),
        ("bought=0", f'"{rule.ACCEPTED}"'),
        ("offered*closed=0", need),
        ("over(offered)", f'"{rule.ALL_INSIDER_PURCHASES}"'),
        ("nets=1", need),
        ("IF(nets=2,over(MIN(own_net,public_net)),FALSE)", review),
        ('insider_holdings_r=""', need),
        ("offering_shares_r*base=0", need),
        ("IF(IF(nets=2,own_net<public_net,FALSE),TRUE,excess)", f'"{rule.INSIDER_EXCESS}"'),
    )
    yield "", _chain(tests, f'"{rule.ACCEPTED}"')


def _date(day: date) -> str:
    return f"DATE({day.year},{day.month},{day.day})"


_BODIES: Final[Mapping[str, Callable[[], _Steps]]] = {
    "MINPRICE": _minprice,
    "DISCOUNTPCT": _discountpct,
    "ISSUANCEPCT": _issuancepct,
    "EXCHANGECAP": _exchangecap,
    "WARRANTVALUE": _warrantvalue,
    "UNITFLOOR": _unitfloor,
    "EFFECTIVEPRICE": _effectiveprice,
    "WARRANTSAGGREGATE": _warrantsaggregate,
    "CONVERSIONPRICE": _conversionprice,
    "DIRECTORSEATS": _directorseats,
    "TSX606": _tsx_606,
    "TSXPRORATA": _tsxprorata,
    "BENEFICIALPCT": _beneficialpct,
    "BLOCKERMAX": _blockermax,
}
