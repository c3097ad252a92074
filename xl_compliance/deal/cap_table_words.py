"""The words of cap tables: what a header says its column is, and a label its row.

Headers are compared without capitals, footnote marks and punctuation. What a header does not say
stays `Role.UNKNOWN`; nothing is guessed from a single word that could mean two things.
"""

from __future__ import annotations

import re
from enum import Enum
from functools import lru_cache
from typing import Final


class Role(Enum):
    """What a column of a cap table holds. The value is the word a mapping file uses."""

    HOLDER = "holder"
    CLASS = "class"
    RIGHT = "right"
    CHANGE = "change"
    OUTSTANDING = "outstanding"
    FULLY_DILUTED = "fully diluted"
    TOTAL = "total"
    PERCENT = "percent"
    PERCENT_BASIC = "percent outstanding"
    PERCENT_DILUTED = "percent fully diluted"
    MONEY = "money"
    OTHER = "other"
    TEXT = "text"
    UNKNOWN = "unknown"

    __hash__ = object.__hash__

    @property
    def is_percent(self) -> bool:
        """A share of the company."""
        return self in (Role.PERCENT, Role.PERCENT_BASIC, Role.PERCENT_DILUTED)

    @property
    def is_holding(self) -> bool:
        """Shares, or shares that rights can become, held in one class."""
        return self in (Role.CLASS, Role.RIGHT)

    @property
    def is_sum(self) -> bool:
        """Shares added up over classes."""
        return self in (Role.OUTSTANDING, Role.FULLY_DILUTED, Role.TOTAL)

    @property
    def is_shares(self) -> bool:
        """Any count of shares."""
        return self.is_holding or self.is_sum or self is Role.CHANGE


class RowKind(Enum):
    """What a row of a cap table is. The value is the word a mapping file uses."""

    HOLDER = "holder"
    POOL = "pool"
    TOTAL = "total"
    PERCENT = "percent"
    MEMO = "memo"
    SECTION = "section"

    __hash__ = object.__hash__

    @property
    def is_leaf(self) -> bool:
        """A row that totals add up."""
        return self is RowKind.HOLDER or self is RowKind.POOL


_FOOTNOTE = re.compile(r"\[[^\]]*\]|\*+")
_NOT_WORD = re.compile(r"[^\w%#$.]+")


def words_of(text: object) -> str:
    """A header or label reduced to its words.

    >>> words_of("# Fully-Diluted Shares [7]"), words_of("Total Stock\\n(outstanding)*")
    ('number fully diluted shares', 'total stock outstanding')
    """
    return _words_in(str(text or ""))


@lru_cache(maxsize=1 << 17)  # several questions are asked of one label, one after the other
def _words_in(text: str) -> str:
    plain = _FOOTNOTE.sub(" ", text.casefold()).replace("’", "'").replace("'", "")
    for sign, word in (("%", " percent "), ("#", " number "), ("$", " dollar ")):
        plain = plain.replace(sign, word)
    return " ".join(word.strip(".") for word in _NOT_WORD.split(plain) if word.strip("."))


_HOLDER = re.compile(
    r"(share|stock|stake|security|unit|equity|option|warrant)?holders?|investors?|members?|owners?"
    r"|participants?|founders?"
)
_WEAK_HOLDER = re.compile(r"names?|entity|party|partners?|purchasers?|person")
_BESIDE_HOLDER = re.compile(
    r"names?|of|the|and|or|record|legal|full|registered|beneficial|security|share|stock|equity|unit"
    r"|option|current|existing|series|class|partners?|entity|entities|individual|person"
)
_CLASS_TABLE = re.compile(
    r"(share|stock|equity|unit|security) (class|classes|type)"
    r"|class(es)?( of (shares?|stock|securit(y|ies)|units?))?"
    r"|securit(y|ies)|type of security"
)
# A word of any of them. Most texts of a sheet are told from headers by their first word.
_IN_HEADERS = re.compile(
    rf"({_HOLDER.pattern}|{_WEAK_HOLDER.pattern}|{_BESIDE_HOLDER.pattern}"
    r"|shares?|stocks?|units?|security|securities|class(es)?|type)(?![^ ])"
)


def holder_header(text: object) -> str:
    """`"strong"`, `"weak"` or `"class"` for the header over names; `""` for any other text.

    >>> holder_header("Name of Stockholder"), holder_header("Name"), holder_header("Share Class")
    ('strong', 'weak', 'class')
    >>> holder_header("Seed Investor 2"), holder_header("Stakeholder ID")
    ('', '')
    """
    words = words_of(text)
    if not _IN_HEADERS.match(words):
        return ""
    found = words.split()
    if len(found) > 6:
        return ""
    rest = [word for word in found if not _BESIDE_HOLDER.fullmatch(word)]
    if rest and all(map(_HOLDER.fullmatch, rest)):
        return "strong"
    if _CLASS_TABLE.fullmatch(" ".join(found)):
        return "class"
    if all(map(_WEAK_HOLDER.fullmatch, rest)) and any(map(_WEAK_HOLDER.fullmatch, found)):
        return "weak"
    return ""


def numbers_lines(header: object) -> bool:
    """Whether a header says no more than "number": of the line, or of shares.

    >>> [numbers_lines(it) for it in ("No.", "#", "S.No.", "Sr. No", "No. of shares")]
    [True, True, True, True, False]
    """
    return bool(_LINE_NUMBER.fullmatch(words_of(header)))


_LINE_NUMBER = re.compile(r"((s|sr|sl|serial|item|line|row)[ .]?)?(no|number)")
_RIGHTS = (
    r"\b(options?|warrants?|rsus?|restricted stock units?|awards?|plan|pool|safes?|convertibles?|"
    r"notes?|rights|sars?|phantom|esop|eip|grants?|incentive|reserved?|unissued|available)\b"
)
_CLASSES = (
    r"\b(common|ordinary|preferred|preference|pref|prefs|series|class|seed|founders?|restricted|"
    r"voting|non voting|membership|lp|gp)\b"
)
_SHARES = r"\b(shares?|units?|stock|number|holdings?|held|quantity|qty|balance|no)\b"
_PERCENT = r"\b(percent|percentage|pct|ownership|stake|interest held|voting power)\b"
_DILUTED = r"\b(fully|ful|fd|fds|diluted|dil)\b(?!.*\bvested\b)"
_BASIC = r"\b(basic|issued|outstanding|undiluted|non diluted|os|o s)\b"
_MOVED = (
    r"\b(granted|exercised|cancell?ed|repurchased|transferred|purchased|sold|new|received|"
    r"additional|acquired|pro rata|prorata|converted shares|conversion shares|bought)\b"
)
_NOT_HOLDINGS = (
    r"\b(prices?|per share|per unit|strike|rate|ratio|multiple|discount|cap|interest|seniority|"
    r"(un)?vest(ing|ed)?|exercisable|authori[sz]ed|par value|valuation|premium|"
    r"preference multiple|term|years?|fmv|409a|threshold|dilution|optional|"
    r"ro[aei]|roce|roic|irr|moic|returns?|margin|growth|yield|tax|wacc|beta|ebitda|ebit)\b"
)
_MONEY = (
    r"\b(dollars?|usd|cad|eur|gbp|invested|investment|amount|value|cost|proceeds|consideration|"
    r"principal|paid|capital|contribut\w+|worth|payout|distribut\w+)\b"
)
_TEXTS = (
    r"\b(id|ids|email|e mail|address|type|group|relationship|role|title|status|comments?|country|"
    r"certificate|cert|vehicle|partner|contact|schedule|legend|remarks?)\b|^notes?$"
)


def column_role(header: object) -> Role:
    """What a column holds, by its header alone.

    >>> [column_role(h).value for h in ("Series A Preferred", "% FD", "Total", "Fully Diluted")]
    ['class', 'percent fully diluted', 'total', 'fully diluted']
    >>> column_role("Options and RSU's Outstanding Under 2021 Plan"), column_role("$ Share Price")
    (<Role.RIGHT: 'right'>, <Role.OTHER: 'other'>)
    """
    text = words_of(header)
    has = _Words(text)
    if not text:
        return Role.UNKNOWN
    if has["date"]:
        return Role.OTHER
    if has["percent"] and not has["money"]:
        return _percent_role(has)
    if has["not holdings"]:
        return Role.OTHER
    if has["money"] and not has["count"]:
        return Role.MONEY
    if has["labels"] or (has["texts"] and not has["shares"]):
        return Role.TEXT
    return _shares_role(has)


class _Words:
    """A header, asked for one kind of word after the other."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __getitem__(self, kind: str) -> bool:
        return _PATTERNS[kind].search(self._text) is not None


def _percent_role(has: _Words) -> Role:
    if has["not holdings"] or has["pool"]:
        return Role.OTHER
    if has["diluted"]:
        return Role.PERCENT_DILUTED
    return Role.PERCENT_BASIC if has["basic"] else Role.PERCENT


def _shares_role(has: _Words) -> Role:
    if has["diluted"]:
        return Role.FULLY_DILUTED
    if has["total"]:
        part = has["rights"] or (has["classes"] and not has["basic"])
        return Role.OUTSTANDING if has["basic"] and not part else Role.TOTAL
    if has["rights"]:
        return Role.CHANGE if has["moved"] else Role.RIGHT
    if has["classes"]:
        return Role.CLASS
    if has["moved"] or (has["issued"] and not has["outstanding"] and has["shares"]):
        return Role.CHANGE
    if has["basic"]:
        return Role.OUTSTANDING
    return Role.CLASS if has["shares"] else Role.UNKNOWN


_PATTERNS: Final = {
    kind: re.compile(pattern)
    for kind, pattern in {
        "date": r"\bdates?\b|\bas of\b",
        "percent": _PERCENT,
        "not holdings": _NOT_HOLDINGS,
        "money": _MONEY,
        "count": r"\b(number|shares|units)\b(?!.*\b(value|price|cost|amount|worth)\b)",
        "texts": _TEXTS,
        "labels": r"\b(id|ids|certificate|certificates|cert|ledger|tax|ssn|ein)\b",
        "shares": _SHARES,
        "diluted": _DILUTED,
        "total": r"^(grand |sub)?totals?\b|\btotal$|^aggregate\b|^sum\b|^all\b",
        "basic": _BASIC,
        "issued": r"\bissued\b",
        "outstanding": r"\boutstanding\b",
        "rights": _RIGHTS,
        "pool": r"\b(pool|sold|change)\b",
        "classes": _CLASSES,
        "moved": _MOVED,
    }.items()
}

# What can only be at the beginning is looked for only there: each row of a table is asked.
_TOTAL_BEGINNING = re.compile(
    r"(grand |sub ?)?totals?\b|sub ?total|sum\b|all (share|stock|stake)?holders$"
    r"|fully diluted( (shares|units|stock|capitali[sz]ation))?$|(issued and )?outstanding$"
)
_TOTAL_END = re.compile(r"\btotals?$")
_PERCENT_LABEL = re.compile(r"\b(percent|percentage|pct)\b|\bownership$")
_MEMO_LABEL = re.compile(
    r"\b(price|valuation|multiple|ratio|authori[sz]ed|par value|conversion|preference|"
    r"pre ?money|post ?money|dollars?|check|difference|variance|seniority|dividends?|footnotes?|"
    r"notes?:?)\b"
)
_DOLLARS = re.compile(r"\bdollars?\b")
_POOL_WORD = re.compile(
    r"\b(available|unissued|ungranted|unallocated|unassigned|remaining|reserved?)\b"
)
_POOL = re.compile(r"\bpool\b(?!.*\bholders\b)")
_RIGHTS_LABEL = re.compile(
    r"(stock |share |outstanding |granted |unexercised |employee )*"
    r"(options?|warrants?|rsus?|safes?|convertible notes?)"
    r"( (by series|outstanding|granted|exercised|issued|reserve|and|options?|warrants?))*$"
)


def row_kind(label: object) -> RowKind:
    """What a row is, by its label alone; a name of a person or fund is `RowKind.HOLDER`.

    >>> [row_kind(l).value for l in ("Total shares", "Option Pool", "Ana Diaz", "Price per unit")]
    ['total', 'pool', 'holder', 'memo']
    """
    text = words_of(label)
    if _PERCENT_LABEL.search(text):
        return RowKind.PERCENT
    if _is_total(text):
        return RowKind.MEMO if _DOLLARS.search(text) else RowKind.TOTAL
    if _is_pool(text):
        return RowKind.POOL
    return RowKind.MEMO if _MEMO_LABEL.search(text) else RowKind.HOLDER


def _is_total(text: str) -> bool:
    if _TOTAL_BEGINNING.match(text):
        return True
    return text.endswith(("total", "totals")) and bool(_TOTAL_END.search(text))


def _is_pool(text: str) -> bool:
    if _RIGHTS_LABEL.match(text) or _POOL_WORD.search(text):
        return True
    return "pool" in text and bool(_POOL.search(text))


_SCALED = re.compile(
    r"\bin\s+(thousands|millions)\b|(?<![\d,.])'?\b000['’]?s?\b|\((thousands|millions)\)"
)

_OF_MONEY = re.compile(r"[$€£]|\b(usd|cad|eur|dollars?)\b|\bexcept\b.*\bshares?\b")


def in_thousands(title: object) -> bool:
    """Whether a title or header says that shares are counted in thousands or millions.

    >>> in_thousands("Shares in thousands"), in_thousands("(in millions, except share data)")
    (True, False)
    >>> in_thousands("Common (000s)"), in_thousands("$ in thousands"), in_thousands("10,000 shares")
    (True, False, False)
    """
    text = str(title or "").casefold()
    return bool(_SCALED.search(text)) and not _OF_MONEY.search(text)


_DEDUCTION = re.compile(
    r"^less\b|\btreasury\b|\b(repurchase[sd]?|cancell?(ed|ations?)|redemptions?|redeemed|forfeit\w*)\b"
)


def is_deduction(label: object) -> bool:
    """Whether a row takes shares away, such as "Less: treasury shares".

    >>> is_deduction("Less: shares held in treasury"), is_deduction("Ana Diaz")
    (True, False)
    """
    return bool(_DEDUCTION.search(words_of(label)))


def is_class_word(header: object) -> bool:
    """Whether a header names a class or a right, not merely shares.

    >>> is_class_word("Common Shares"), is_class_word("No. Eq. Shares PY")
    (True, False)
    """
    has = _Words(words_of(header))
    return has["rights"] or has["classes"] or has["diluted"]


def is_class_name(header: object) -> bool:
    """Whether a header names shares outright: what a table of names needs to be a cap table."""
    return is_class_word(header) or bool(_OUTRIGHT.search(words_of(header)))


_OUTRIGHT = re.compile(r"\b(shares|stock)\b")
