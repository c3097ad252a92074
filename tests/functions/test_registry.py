"""The registry: names that a spreadsheet can hold, spellings, signatures, help."""

from __future__ import annotations

import re

import pytest

import xl_compliance
from xl_compliance import call
from xl_compliance.functions.registry import Function, Result, all_functions, find
from xl_compliance.functions.spellings import bare

FUNCTIONS = all_functions()
LONGEST_HELP = 255  # what Excel's function wizard shows

# The signatures as the contract has them. Optional arguments may be added at the end.
SIGNATURES = """
MINPRICE(closes[], [dates[]], [signed_at])
MARKETVALUE(bids[], [dates[]], [signed_at])
PRICINGDATES(signed_at, [exchange], [count])
DISCOUNTPCT(price, reference)
ISSUANCEPCT(issuable+, outstanding+)
EXCHANGECAP(outstanding+, [issued+], [convention], [votes_outstanding+], [votes_per_new_share])
NASDAQAGGREGATION(first_closing, second_closing, [common_investors], [planned], [contingent], \
[same_use_of_proceeds], [same_board_approval])
WARRANTVALUE(min_price, exercise_price, [lowest_exercise_price])
UNITFLOOR(min_price, exercise_price, [warrants_per_share], [lowest_exercise_price])
EFFECTIVEPRICE(unit_price, min_price, exercise_price, [warrants_per_share], \
[lowest_exercise_price])
WARRANTSAGGREGATE(closing, first_exercisable, min_price, lowest_exercise_price, \
[common_discounted])
NASDAQ5635D(price, min_price, issuable+, outstanding+, [votes_issuable+], [votes_outstanding+], \
[public_offering], [signed_on], [book_value], [closing_bid], [lowest_exercise_price])
AVERAGEPRICE(prices[], shares[], [commitment_shares+])
CONVERSIONPRICE(principal, max_shares, [max_cash], [of_which_accrued_interest])
CONVERTIBLEDISCOUNTED(conversion_price, min_price, [exercise_price], [warrants_per_share], \
[lowest_conversion_price], [lowest_exercise_price])
FUTUREPRICEDSHARES(fixed_value, price, [floor], [share_cap])
NETEXERCISESHARES(warrants, exercise_price, market_price)
OFFERINGDISCOUNT(unit_price, min_price, [attributed_value], [warrants_per_share])
BLACKSCHOLES(spot, strike, years, rate, volatility, [dividend_yield])
PREFUNDEDPRICE(price_paid, nominal_exercise_price)
NASDAQ5635A(issuable+, outstanding+, [votes_issuable+], [votes_outstanding+], \
[insider_interest], [insiders_together_interest], [public_offering_for_cash])
NASDAQ5635B(owned_after+, base_after+, [largest_other])
NASDAQ5635C(price, closing_bid, recipient, [public_offering], [convertible])
PUBLICOFFERING(firm_commitment, registered, [broadly_marketed], [purchasers], [discount])
DIRECTORRIGHTS(designees, votes_at_appointment+, total_votes_at_appointment+, board_size, \
[minimum_ownership], [step_down], [votes_now+], [total_votes_now+])
DIRECTOROWNERSHIP(investor_votes+, convertible_without_payment+, total_votes+)
VOTINGRIGHTS(disparate_reduction, [shareholder_approved])
GENERICPROXY(kind, max_shares, max_dollars, max_discount, purpose, months, \
[change_of_control], [controller_named])
REORGANIZATION(court_ordered)
NASDAQLAS(issuable+, outstanding+, [votes_issuable+], [votes_outstanding+], \
[change_of_control], [insider_acquisition], [unapproved_equity_plan])
LASDUE(issuance_date)
TSX606(offer_price, close, broadly_marketed, offering_shares, insider_purchases[], \
[insider_holdings[]], [outstanding+], [insider_net_price[]], [public_net_price], [as_of], \
[exemption])
TSX606EXCESS(offer_price, close, broadly_marketed, offering_shares, insider_purchases[], \
[insider_holdings[]], [outstanding+], [insider_net_price[]], [public_net_price], [as_of], \
[exemption])
TSXBROADLYMARKETED(purchasers, [dealers_notified], [marketed_outside_canada])
TSXPRORATA(insider_shares, outstanding+, offering_shares)
TSXNETPRICE(offer_price, [commission], [fee])
TSXNETTEST(offer_price, commission, insider_fee, [insider_commission])
TSXCONCURRENT(prospectus_net, placement_net)
TSXREFERENCECLOSE(closes[], dates[], announced_at, [disseminated_at])
TSXSEASONEDFROM(disseminated_at, [as_of])
TSX606NOTICE(insider_interest, control_effect, broadly_marketed, if_as_and_when)
TSXVWAP(values[], volumes[])
TSXMAXDISCOUNT(market_price)
TSX607(price, market_price, issuable+, outstanding+, [insider_issuable_6m], \
[largest_holder_after])
LOWESTPRICE(price, adjustment, [floor])
DIRECTORSEATS(investor_votes+, total_votes+, board_size)
BENEFICIALSHARES(held+, rights[], [exercisable_on[]], [as_of], [control_purpose])
BENEFICIALPCT(held+, rights[], outstanding+, [exercisable_on[]], [as_of], [control_purpose])
SC13DROW13(fraction)
WITHIN60DAYS(exercisable_on, as_of)
SC13DREQUIRED(held+, rights[], outstanding+, [exercisable_on[]], [as_of])
SC13DCOVER(row7, row8, row9, row10, row11, row13, outstanding+, [rights+])
SC13DDUE(event_date, [amendment], [as_of])
SC13DMATERIAL(shares_before, shares_after, outstanding)
BLOCKERMAX(limit, outstanding+, [held+])
OWNERSHIPTABLE(holder[], held[], rights[], outstanding[], [exercisable_on[]], [as_of], \
[of_class[]], [class_names[]], [votes_per_share[]], [group[]], [blocker[]], [control_purpose[]], \
[ratio[]], [converts[]])
CUSIPVALID(cusip)
CONVERTEDSHARES(preferred, ratio)
PRICEPERSHARE(total, shares)
RULEINFO(rule, [as_of])
XLCVERSION()
""".strip().splitlines()

# The verdicts as the contract has them, without NEEDS INPUT, which every one may answer.
WORDS = {
    "NASDAQ5635D": {"REQUIRED", "NOT REQUIRED", "REVIEW"},
    "NASDAQAGGREGATION": {"NOT AGGREGATED", "REVIEW"},
    "WARRANTSAGGREGATE": {"TRUE", "FALSE", "REVIEW"},
    "CONVERTIBLEDISCOUNTED": {"TRUE", "FALSE"},
    "NASDAQ5635A": {"REQUIRED", "NOT REQUIRED", "REVIEW"},
    "NASDAQ5635B": {"NOT PRESUMED", "REVIEW"},
    "NASDAQ5635C": {"REQUIRED", "NOT REQUIRED", "REVIEW"},
    "PUBLICOFFERING": {"PRECLUDED", "LIKELY PUBLIC", "REVIEW"},
    "DIRECTORRIGHTS": {"BREACH", "REVIEW", "OK"},
    "VOTINGRIGHTS": {"BREACH", "OK", "REVIEW"},
    "GENERICPROXY": {"MAY BE SUFFICIENT", "INSUFFICIENT", "REVIEW"},
    "REORGANIZATION": {"REVIEW"},
    "NASDAQLAS": {"REQUIRED", "NOT REQUIRED", "REVIEW"},
    "TSX606": {
        "606",
        "607 INSIDER EXCESS",
        "607 ALL INSIDER PURCHASES",
        "607 WHOLE OFFERING",
        "REVIEW",
    },
    "TSXBROADLYMARKETED": {"TRUE", "FALSE", "REVIEW"},
    "TSXNETTEST": {"606", "607"},
    "TSXCONCURRENT": {"606 IF WAIVED", "607"},
    "TSX607": {"REQUIRED", "NOT REQUIRED", "REVIEW"},
    "TSX606NOTICE": {"OK", "INCOMPLETE"},
    "CUSIPVALID": {"TRUE", "FALSE"},
    # REVIEW, beyond the contract, for a right that waits for a shareholder vote.
    "WITHIN60DAYS": {"TRUE", "FALSE", "REVIEW"},
    "SC13DREQUIRED": {"REQUIRED", "NOT REQUIRED", "REVIEW"},
    "SC13DCOVER": {"OK", "BREACH"},
    "SC13DMATERIAL": {"REQUIRED", "REVIEW"},
}
# A blank statement is a missing one, which is what INCOMPLETE says.
NEVER_NEEDS_INPUT = {"TSX606NOTICE"}


def reads_as_an_address(name: str) -> bool:
    """Whether Excel reads the name as A1 or R1C1: XFD is its last column, 1048576 its last row."""
    upper = name.upper()
    a1 = re.fullmatch(r"([A-Z]{1,3})([0-9]{1,7})", upper)
    if a1 is not None:
        letters, digits = a1.groups()
        return (len(letters) < 3 or letters <= "XFD") and 1 <= int(digits) <= 1_048_576
    return re.fullmatch(r"R\d*C\d*|R\d*|C\d*", upper) is not None


def test_the_lint_knows_addresses() -> None:
    assert all(
        map(reads_as_an_address, ["TSX606", "TSX607", "A1", "XFD1048576", "R1C1", "RC", "C"])
    )
    assert not any(map(reads_as_an_address, ["TSX_606", "TSX606EXCESS", "XFE1", "A1048577", "CAP"]))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_no_exported_bare_name_is_a_cell_address(function: Function) -> None:
    assert not reads_as_an_address(bare(function.name))
    assert re.fullmatch(r"[A-Z][A-Z0-9_]*", bare(function.name))


def test_names_are_unique_in_every_spelling() -> None:
    names = [function.name for function in FUNCTIONS]
    assert len({bare(name) for name in names}) == len({n.upper() for n in names}) == len(names)


SPELLINGS = [
    "{0}",
    "={0}",
    "XLC.{0}",
    "=XLC.{0}",
    "_xldudf_XLC_{0}",
    "_xldudf_{0}",
    "_xll.{0}",
    "xl_compliance.xlam!{0}",
    "[1]!{0}",
]


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
@pytest.mark.parametrize("pattern", SPELLINGS)
def test_every_spelling_of_the_contract_is_found(function: Function, pattern: str) -> None:
    for name in (function.name, bare(function.name)):
        spelling = pattern.format(name)
        for spelled in (spelling, spelling.lower(), spelling.title()):
            assert find(spelled) is function, spelled


@pytest.mark.parametrize("name", ["", "=", "VLOOKUP", "XLC.", "TSX", "MIN PRICE", "MINPRICE2"])
def test_other_names_raise_a_key_error(name: str) -> None:
    with pytest.raises(KeyError):
        find(name)
    with pytest.raises(KeyError):
        call(name)


@pytest.mark.parametrize("signature", SIGNATURES, ids=lambda s: s.split("(")[0])
def test_signature_is_the_contract_s(signature: str) -> None:
    got = find(signature.split("(")[0]).signature
    start = signature.removesuffix(")")
    assert got.startswith(start)
    added = got.removeprefix(start).removesuffix(")").removeprefix(", ")
    assert all(re.fullmatch(r"\[.*\]", argument) for argument in added.split(", ") if argument)


@pytest.mark.parametrize("name", WORDS)
def test_words_are_the_contract_s(name: str) -> None:
    needs_input = set() if name in NEVER_NEEDS_INPUT else {"NEEDS INPUT"}
    assert set(find(name).words) == WORDS[name] | needs_input


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_verdict_functions_list_their_words(function: Function) -> None:
    assert bool(function.words) == (function.result in (Result.VERDICT, Result.TRUTH))


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_arguments(function: Function) -> None:
    names = [argument.name for argument in function.arguments]
    assert len(set(names)) == len(names)
    assert all(re.fullmatch(r"[a-z][a-z0-9_]*", name) for name in names)
    optional = [argument.optional for argument in function.arguments]
    assert optional == sorted(optional), "a needed argument after an optional one"
    for argument in function.arguments:
        assert 0 < len(argument.help) <= LONGEST_HELP
        assert not argument.help.endswith("."), "a phrase, not a sentence"
        assert argument.shape.value
        if argument.optional and argument.name != "arguments":
            assert argument.when_blank, "an optional argument says what its blank is read as"


@pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
def test_summary_fits_the_function_wizard(function: Function) -> None:
    assert 0 < len(function.summary) <= LONGEST_HELP


def test_version_is_the_package_s() -> None:
    assert call("XLCVERSION") == xl_compliance.__version__
