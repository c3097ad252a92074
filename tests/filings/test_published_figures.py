"""Figures that companies and holders published, each from its own inputs at its own rounding.

`ownership.json` has one holder a case: shares held, rights, shares outstanding, what was published
and, where that does not follow from them, the percentage that does (`follows`). An asterisk stands
for less than one percent. Figures of other shapes are below, each with its reason.
"""

from __future__ import annotations

import json
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest

from xl_compliance import call

CASES = json.loads(Path(__file__).with_name("ownership.json").read_text(encoding="utf-8"))
DISAGREEING = {"CBT-03", "CBT-04", "CBT-05"}


def places(percent: str) -> int:
    return len(percent.partition(".")[2])


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_shares_and_exact_percentage(case: dict[str, Any]) -> None:
    held, rights, outstanding = case["held"], case["rights"], case["outstanding"]
    assert call("BENEFICIALSHARES", held, rights) == case["beneficial"]
    exact = Fraction(case["exact"])
    assert call("BENEFICIALPCT", held, rights, outstanding) == exact.numerator / exact.denominator
    table = call("OWNERSHIPTABLE", case["holder"], held, rights, outstanding)
    assert table[1][6:9] == [case["beneficial"], outstanding + rights, float(exact)]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_published_percentage_at_its_own_rounding(case: dict[str, Any]) -> None:
    fraction = call("BENEFICIALPCT", case["held"], case["rights"], case["outstanding"])
    published = case["percent"]
    if published == "*":
        assert fraction < 0.01
        return
    half_up = call("SC13DROW13", fraction, places(published))
    agrees = half_up == f"{published}%"
    assert agrees is ("follows" not in case), case["reason"]
    if not agrees:
        assert half_up == f"{case['follows']}%", case["reason"]
        assert call("SC13DROW13", fraction, places(published), "CUT OFF") == f"{published}%"


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_cover_page_of_it(case: dict[str, Any]) -> None:
    """What follows is OK on a cover page, what does not is a BREACH."""
    if case["percent"] == "*":
        return
    owned, rights, base = case["beneficial"], case["rights"], case["outstanding"]

    def cover(percent: str) -> Any:
        row_13, digits = f"{percent}%", places(percent)
        return call("SC13DCOVER", owned, 0, owned, 0, owned, row_13, base, rights, digits)

    assert cover(case["percent"]) == ("BREACH" if "follows" in case else "OK"), case["reason"]
    if "follows" in case:
        assert cover(case["follows"]) == "OK"


def test_those_that_do_not_follow_are_known() -> None:
    assert {case["name"] for case in CASES if "follows" in case} == DISAGREEING


# Prices and amounts


@pytest.mark.parametrize(
    ("paid", "shares", "each", "why"),
    [
        (730_995.98, 511_186, 1.43, "Series D, by common share: exact"),
        (63_898.25, 511_186, 0.125, "Series D warrant: exact"),
    ],
)
def test_giga_tronics_item_3(paid: float, shares: int, each: float, why: str) -> None:
    assert call("PRICEPERSHARE", paid, shares) == each, why


def test_giga_tronics_new_warrant_is_an_eighth_rounded_to_the_cent() -> None:
    assert call("PRICEPERSHARE", 63_277.38, 506_219) == pytest.approx(0.125, abs=1e-8)
    assert Fraction(506_219, 8) == Fraction("63277.375")
    assert call("CONVERTEDSHARES", 5_111.86, 100) == 511_186


# Blockers


@pytest.mark.parametrize(
    ("held", "rights", "limit", "counted", "why"),
    [
        (2_096_666, 7_110_000, 0.0999, 2_808_794, "Ally Bridge: 4,905,460, not 9,206,666"),
        (3_700_000, 4_633_500, 0.0999, 1_027_509, "Suvretta: 4,727,509, not 8,333,500"),
        (3_471_752, 8_333_000, 0.1999, 7_227_347, "Avoro: 10,699,099, not 11,804,752"),
    ],
)
def test_whitehawk_blockers(held: int, rights: int, limit: float, counted: int, why: str) -> None:
    """The table of the S-3 of 4 March 2025 says that it leaves blockers aside."""
    row = call("OWNERSHIPTABLE", "Fund", held, rights, 46_294_912, *[None] * 6, limit)[1]
    assert row[4:7] == [counted, rights - counted, held + counted], why
    assert call("BLOCKERMAX", limit, 46_294_912, held) == counted, why


# Sums


def parts(*shares: float) -> Any:
    return call("BENEFICIALSHARES", 0, [[each] for each in shares])


def test_sums_that_follow() -> None:
    offered = [
        9_180_000, 8_333_000, 8_333_500, 4_166_000, 2_082_000, 2_082_000, 2_082_000, 1_666_000,
        1_561_000, 1_250_000, 833_000, 100_000,
    ]  # fmt: skip
    assert parts(*offered) == 41_668_500, "Whitehawk: the column total"
    assert parts(7_110_000, 8_333_000, 4_633_500) == 20_076_500, "Whitehawk: pre-funded"
    rows = [
        15_534, 10_993, 41_352, 47_526, 106_270, 1_035_339, 25_414, 119_103, 18_216, 5_180, 27_460,
        2_690, 14_466, 21_755, 13_085, 233_180,
    ]  # fmt: skip
    assert parts(*rows) == 1_737_563, "Cabot: sixteen persons and the group"
    assert parts(342_465, 506_219) == 848_684, "Giga-tronics: cancelled and Amended Warrant (V272)"
    assert parts(730_995.98, 63_277.38, 63_898.25) == 858_171.61, "paid in July 2013 (V271)"
    assert parts(999_700, 848_684) == parts(999_700, 342_465, 506_219), "share for share"
    assert parts(1_450_165, 1_532_861) == 2_983_026, "BVF on XOMA: common"
    assert call("CONVERTEDSHARES", 2_313 + 1_506 + 412 + 772, 1000) == 5_003_000, "BVF: Series X"
    assert parts(7_780_000, 1_670_100) == 9_450_100, "RC Ventures: shares and calls"
    assert parts(243_715_804, 83_858_848.81) == 327_574_652.81, "Berkshire: .81 of a share"


def test_a_footnote_whose_parts_do_not_make_the_table() -> None:
    """Whitehawk, Ball: 505,744 in the table is 100,000 too much; the offered shares twice."""
    follows = parts(100_000, 102_853, 202_891)
    assert follows == 405_744 != 505_744
    assert follows - 100_000 == 305_744 != 405_744


def test_an_over_allotment_called_the_total() -> None:
    """GMG, September 2021: 1,506,750 is the option alone; with it 11,551,750."""
    units, price, option = 4_900_000, Fraction("2.05"), 735_000
    assert option * price == 1_506_750
    assert (units + option) * price == 11_551_750 != 1_506_750


def test_a_reverse_split_that_does_not_restate() -> None:
    """Predictive Oncology, one for 15: 25,434 warrants are 1,695.6, and 1,698 was stated."""
    assert Fraction(25_434, 15) == Fraction("1695.6")
    assert call("CONVERTEDSHARES", 25_434, 1 / 15) == 1_695, "whole shares, not 1,698"
    assert Fraction(363_336, 15) == Fraction("24222.4"), "24,223 was stated: rounded up"


# Percentages whose shares outstanding are not stated: both ends of what they allow


@pytest.mark.parametrize(
    ("shares", "percent", "least", "most", "why"),
    [
        (10_000_000, "5.08", 196_656_834, 197_044_334, "Marex on Jushi, Item 4"),
        (2_100_000, "8.5", 24_561_404, 24_720_812, "BML fund on Aadi"),
        (2_435_000, "9.9", 24_561_404, 24_720_812, "its manager: sole and shared added"),
        (15_002_243, "9.999", 150_029_932, 150_044_935, "GM on Lithium Americas, 28 Feb 2023"),
        (15_002_243, "6.87", 218_214_444, 218_532_307, "the same shares, diluted, 20 Dec 2024"),
    ],
)
def test_percentage_without_its_base(
    shares: int, percent: str, least: int, most: int, why: str
) -> None:
    for base in (least, most):
        fraction = call("BENEFICIALPCT", shares, 0, base)
        assert call("SC13DROW13", fraction, places(percent)) == f"{percent}%", why


def test_jushi_states_one_percentage_twice() -> None:
    assert call("SC13DROW13", "5.08%") == "5.1%"


def test_aadi_row_11_is_sole_and_shared() -> None:
    rows = [335_000, 2_100_000, 335_000, 2_100_000]
    assert call("SC13DCOVER", *rows, 2_435_000, "9.9%", 24_600_000, 0) == "OK"


def test_percentages_of_unstated_bases() -> None:
    assert call(
        "SC13DROW13", call("BENEFICIALPCT", 243_715_804, 83_858_848.81, 880_370_837), 0
    ) == ("34%"), "Berkshire on Occidental"
    assert call("SC13DROW13", call("BENEFICIALPCT", 9_450_100, 0, 96_429_591)) == "9.8%"
    assert call("SC13DROW13", call("BENEFICIALPCT", 9_450_100, 0, 79_950_084), 2) == "11.82%"
    unblocked = call("BENEFICIALPCT", 2_983_026, 5_003_000, 11_782_723)
    assert call("SC13DROW13", unblocked, 4) == "47.5763%", "BVF on XOMA, its blocker left aside"


def test_gm_was_diluted_and_moved_no_share() -> None:
    assert call("SC13DMATERIAL", 15_002_243, 15_002_243, 218_300_000) == "REVIEW"
