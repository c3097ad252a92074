"""The input workbook: which sheets and tables it has, and what each cell takes.

The template is written from these definitions and the deal is read back by them, so a header, a
choice or a unit stands here and nowhere else. The tables of a deal and those of a prospectus
offering are two families. Tables of facts (`Deal`, `FilingFacts`) have one row a field, every
other table one row a thing.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from xl_compliance.functions.cells import (
    AMOUNT,
    BOOK_VALUE,
    DAY,
    FACT,
    FLOOR_PRICE,
    FRACTION,
    HOLDING,
    LIMIT,
    MOMENT,
    OUTSTANDING,
    PAYMENT,
    PRICE,
    RATIO,
    SHARE_CAP,
    SHARES,
    STATEMENT,
    TEXT,
    VOTES_OUTSTANDING,
    VOTES_PER_SHARE,
    Kind,
    day_or,
    word,
)
from xl_compliance.functions.cells import (
    FIGURE as ANY_FIGURE,
)
from xl_compliance.functions.cells import (
    PURCHASERS as PURCHASER_COUNT,
)

FIELD_HEADER: Final = "Field"
VALUE_HEADER: Final = "Value"
HELP_HEADER: Final = "What to enter"
SOURCE_HEADER: Final = "Source"

DAY_OR_APPROVAL: Final = day_or("APPROVAL")
SECURITY_KINDS: Final = (
    "COMMON",
    "CONVERTIBLE",
    "WARRANT",
    "PREFUNDED",
    "EARN-OUT",
    "PENALTY",
    "ASSUMED AWARD",
)
DEAL_KINDS: Final = ("PRIVATE PLACEMENT", "REGISTERED DIRECT", "ACQUISITION", "OTHER")
VOTES_ONLY: Final = "VOTES ONLY"
CLASS_KINDS: Final = ("COMMON", VOTES_ONLY)
STATED_FIGURES: Final = (
    "MINIMUM PRICE",
    "MARKET VALUE",
    "OUTSTANDING",
    "ISSUABLE",
    "PERCENTAGE",
    "AGGREGATED",
    "UNIT PRICE",
    "UNIT FLOOR",
    "GROSS PROCEEDS",
    "FEE",
    "AGENT WARRANTS",
    "AGENT PRICE",
    "BEFORE SPLIT",
)
ADJUSTMENTS: Final = ("NONE", "SPLIT", "ANTIDILUTION", "VOLUNTARY", "RESET", "FUTUREPRICED")
RELATIONSHIPS: Final = (
    "NONE",
    "DIRECTOR",
    "OFFICER",
    "EMPLOYEE",
    "CONSULTANT",
    "CONTROLLED ENTITY",
    "SUBSTANTIAL SHAREHOLDER",
)


@dataclass(frozen=True, slots=True)
class Entry:
    """A column of a table, or a field of a table of facts.

    `key` names it in Python and, for a field, in the workbook's defined names. `newer` entries
    came after the first workbooks: where one has no such column, it is read as not given.
    """

    key: str
    label: str
    kind: Kind
    help: str
    newer: bool = False

    @property
    def choices(self) -> tuple[str, ...]:
        """The closed list of what may be entered; empty where anything of the kind may."""
        if self.kind is FACT:
            return ("TRUE", "FALSE", "UNKNOWN")
        return self.kind.words if self.kind.name == "word" else ()


@dataclass(frozen=True, slots=True)
class InputTable:
    """An Excel table of the input workbook. `facts` has one row an entry, others one column.

    Every table ends with a column for the source of what stands in the row. A `newer` table is not
    missed in a workbook written before there was one.
    """

    name: str
    sheet: str
    title: str
    help: str
    entries: tuple[Entry, ...]
    facts: bool = False
    newer: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The header row."""
        if self.facts:
            return (FIELD_HEADER, VALUE_HEADER, SOURCE_HEADER, HELP_HEADER)
        return (*(entry.label for entry in self.entries), SOURCE_HEADER)


def _newer(key: str, label: str, kind: Kind, help: str) -> Entry:
    return Entry(key, label, kind, help, newer=True)


DEAL: Final = InputTable(
    "Deal",
    "Deal",
    "The deal",
    "One line a fact. Leave blank what is not known: a blank never turns into a no.",
    (
        Entry("issuer", "Issuer", TEXT, "Name of the listed company"),
        Entry("exchange", "Exchange", word("NASDAQ", "NYSE", "TSX"), "Where it is listed"),
        Entry("symbol", "Symbol", TEXT, "Ticker"),
        Entry("cusip", "CUSIP", TEXT, "Nine characters, stored as text"),
        Entry("transaction", "Transaction", TEXT, "Name of this transaction, as in Securities"),
        Entry(
            "signed_at",
            "Signed at",
            MOMENT,
            "Binding agreement, exchange time; with the time of day where the day is a session",
        ),
        Entry("closing_date", "Closing date", DAY, "When the securities are issued"),
        Entry("public_offering", "Public offering", FACT, "TRUE, FALSE or UNKNOWN"),
        Entry(
            "book_value",
            "Book value per share",
            BOOK_VALUE,
            "Tested only where signed before 26 September 2018",
        ),
        _newer(
            "deal_kind",
            "Kind of transaction",
            word(*DEAL_KINDS),
            "ACQUISITION where the securities pay for stock or assets, or raise the cash for them",
        ),
        _newer(
            "share_cap",
            "Share cap",
            SHARE_CAP,
            "Most shares the agreement lets issue without a vote; blank where there is no cap",
        ),
        _newer(
            "insider_sales",
            "Sales by insiders",
            HOLDING,
            "Shares sold with it by officers, directors and 5% holders; 0 for none",
        ),
        _newer(
            "insider_interest",
            "Insider's interest",
            FRACTION,
            "Acquisition: largest of one director, officer or 5% holder in target or price; 0 "
            "for none",
        ),
        _newer(
            "insiders_together_interest",
            "Insiders' interest together",
            FRACTION,
            "Acquisition: of all of them together; 0 for none",
        ),
        _newer(
            "largest_other",
            "Largest other holder",
            HOLDING,
            "Shares or votes of the largest position that no purchaser holds",
        ),
        _newer(
            "unapproved_equity_plan",
            "Equity plan without a vote",
            FACT,
            "Whether an equity plan is set up or amended without shareholder approval",
        ),
        _newer(
            "las_submitted",
            "Notice submitted",
            DAY,
            "Listing of Additional Shares: the day of the notice",
        ),
        _newer("board_size", "Board size", RATIO, "Directors, the designees among them"),
        _newer("designees", "Designees", HOLDING, "Directors an investor may name; 0 for none"),
        _newer(
            "investor_votes",
            "Investor's votes at appointment",
            HOLDING,
            "Of the investor that names directors; conversions without payment count, warrants "
            "do not",
        ),
        _newer(
            "total_votes",
            "All votes at appointment",
            VOTES_OUTSTANDING,
            "In the election of directors, with those conversions",
        ),
        _newer("investor_votes_now", "Investor's votes now", HOLDING, "As above, today"),
        _newer("total_votes_now", "All votes now", VOTES_OUTSTANDING, "As above, today"),
        _newer(
            "minimum_ownership",
            "Minimum ownership",
            FRACTION,
            "Holding below which the right to name directors ends",
        ),
        _newer(
            "step_down",
            "Rights step down",
            FACT,
            "Whether the right falls with the holding",
        ),
    ),
    facts=True,
)

CLASSES: Final = InputTable(
    "Classes",
    "Classes",
    "Classes of stock outstanding before the transaction",
    "Common stock, one row a class; VOTES ONLY for preferred that votes. Options, warrants and "
    "convertibles are not outstanding.",
    (
        Entry("name", "Class", TEXT, "Name of the class"),
        Entry("listed", "Listed", FACT, "Whether the class is listed"),
        Entry("outstanding", "Outstanding", OUTSTANDING, "Shares issued and outstanding"),
        Entry(
            "votes_per_share",
            "Votes per share",
            VOTES_PER_SHARE,
            "Votes in the election of directors; 0 for a class without votes",
        ),
        Entry("as_of", "As of", DAY, "Date of the count"),
        Entry(
            "outstanding_after",
            "Outstanding after",
            OUTSTANDING,
            "After this transaction's closing; blank: the same",
            newer=True,
        ),
        _newer(
            "counts_as",
            "Counts as",
            word(*CLASS_KINDS),
            "COMMON, or VOTES ONLY for preferred that votes: blank is common",
        ),
    ),
)

PRICES: Final = InputTable(
    "Prices",
    "Prices",
    "Closing prices before signing",
    "One row a session, in any order: at least the five sessions before the agreement.",
    (
        Entry("day", "Date", DAY, "Session"),
        Entry("close", "Official close", PRICE, "Nasdaq Official Closing Price"),
        Entry("bid", "Closing bid", PRICE, "Consolidated closing bid at 4 p.m."),
        _newer(
            "consolidated",
            "Consolidated close",
            PRICE,
            "Last trade on any market: never the test, shown to tell it apart",
        ),
        _newer(
            "split",
            "Split",
            RATIO,
            "Old shares for one new from that day: 15 for 1-for-15; closes as published",
        ),
    ),
)

SECURITIES: Final = InputTable(
    "Securities",
    "Securities",
    "Securities issued in this and earlier transactions",
    "One row a security. A warrant sold as part of a unit names the security it is sold with.",
    (
        Entry("name", "Security", TEXT, "Name of the security"),
        Entry("transaction", "Transaction", TEXT, "Blank or as on the Deal sheet: this deal"),
        Entry("kind", "Kind", word(*SECURITY_KINDS), "What it is; one row a kind"),
        Entry("quantity", "Quantity", SHARES, "Securities issued, fractions included"),
        Entry(
            "ratio",
            "Common per security",
            RATIO,
            "Conversion ratio; 1 for common and for a warrant for one share",
        ),
        Entry(
            "paid",
            "Total paid",
            PAYMENT,
            "Cash paid for all of them; 0 for a warrant that is paid for in the unit's price",
        ),
        Entry("exercise_price", "Exercise price", FLOOR_PRICE, "Per common share; warrants only"),
        Entry(
            "first_exercisable",
            "First exercisable",
            DAY_OR_APPROVAL,
            "First day of conversion or exercise; APPROVAL where that needs a shareholder vote",
        ),
        Entry(
            "adjustment",
            "Adjustment",
            word(*ADJUSTMENTS),
            "How the price could fall; SPLIT covers splits and extraordinary dividends only",
        ),
        Entry("floor", "Floor", FLOOR_PRICE, "Lowest price an adjustment can lead to"),
        Entry(
            "sold_with", "Sold with", TEXT, "Security it is part of: of warrants, penalty shares"
        ),
        Entry("replaces", "Replaces", TEXT, "Security that is cancelled for this one"),
        _newer(
            "share_class",
            "Class issued",
            TEXT,
            "As in Classes, where several have different votes",
        ),
        _newer(
            "principal",
            "Principal",
            AMOUNT,
            "Convertible: what converts, where it is not what is paid (issued at a discount)",
        ),
        _newer(
            "cash",
            "Cash at conversion",
            PAYMENT,
            "Most the issuer could pay on conversion, without accrued interest: make-whole",
        ),
        _newer(
            "votes_each",
            "Votes per security",
            VOTES_PER_SHARE,
            "Before it converts, where these are more than those of the common under it",
        ),
    ),
)

PURCHASERS: Final = InputTable(
    "Purchasers",
    "Purchasers",
    "Who buys",
    "One row a purchaser and security of this transaction.",
    (
        Entry("name", "Purchaser", TEXT, "Name of the purchaser"),
        Entry(
            "relationship",
            "Relationship",
            word(*RELATIONSHIPS),
            "To the issuer; CONTROLLED ENTITY where an insider controls the purchaser",
        ),
        Entry("security", "Security", TEXT, "As in Securities"),
        Entry("bought", "Bought", SHARES, "Securities bought"),
        Entry("paid", "Paid", PAYMENT, "Cash paid by this purchaser"),
        _newer("group", "Group", TEXT, "Affiliates that count as one"),
        _newer(
            "held_before", "Held before", HOLDING, "Common shares; 0 for none. In one of its rows"
        ),
        _newer(
            "rights_before",
            "Rights before",
            HOLDING,
            "Shares it could acquire before this deal; 0 for none. In one of its rows",
        ),
        _newer(
            "votes_before",
            "Votes before",
            HOLDING,
            "Where votes and shares differ; 0 for none. In one of its rows",
        ),
    ),
)

HOLDERS: Final = InputTable(
    "Holders",
    "Holders",
    "Beneficial holders",
    "One row a position: shares held, or shares that one right can acquire.",
    (
        Entry("name", "Holder", TEXT, "Name of the holder of record"),
        Entry("group", "Group", TEXT, "Persons who share the position, where there are several"),
        Entry("security", "Security", TEXT, "Class held, or the security the right belongs to"),
        Entry("held", "Held", HOLDING, "Shares of the class held; 0 for none"),
        Entry("rights", "Rights to acquire", HOLDING, "Shares of the class the right can acquire"),
        Entry(
            "exercisable_on",
            "Exercisable on",
            DAY_OR_APPROVAL,
            "First day of exercise; APPROVAL where that needs a vote",
        ),
        Entry(
            "of_class",
            "Class of shares",
            TEXT,
            "Class held or acquired, as in Classes; blank where there is one",
            newer=True,
        ),
        Entry("blocker", "Blocker", LIMIT, "Such as 9.99%; blank for none", newer=True),
        Entry(
            "control_purpose",
            "Held for control",
            FACT,
            "A right held to change control counts at any date",
            newer=True,
        ),
        Entry(
            "converts",
            "Converts",
            TEXT,
            "Class given up on conversion, whose votes count already",
            newer=True,
        ),
    ),
)

GROUPS: Final = InputTable(
    "Groups",
    "Groups",
    "Members of groups",
    "One row a member: each has its positions on Holders, under the group's name.",
    (
        Entry("group", "Group", TEXT, "As on Holders"),
        Entry("member", "Member", TEXT, "Holder on Holders; 0 held where it holds nothing"),
    ),
    newer=True,
)

ISSUANCES: Final = InputTable(
    "Issuances",
    "Issuances",
    "Earlier issuances",
    "One row an earlier transaction that might be counted together with this one.",
    (
        Entry("transaction", "Transaction", TEXT, "Name of the earlier transaction"),
        Entry("closing", "Closing date", DAY, "When its securities were issued"),
        Entry("investor", "Investor", TEXT, "Who bought"),
        Entry("issuable", "Issuable", SHARES, "Shares issued or issuable in it"),
        Entry(
            "outstanding_before",
            "Outstanding before",
            OUTSTANDING,
            "Shares of all classes outstanding before its closing",
        ),
        Entry("common_investors", "Common investors", FACT, "TRUE is read from equal names"),
        Entry("planned", "Planned together", FACT, "This deal was planned or expected then"),
        Entry("contingent", "Contingent", FACT, "One was contingent on the other"),
        Entry(
            "same_use_of_proceeds", "Same use of proceeds", FACT, "Or the same plan of financing"
        ),
        Entry("same_board_approval", "Same board approval", FACT, "Approved at the same time"),
        _newer(
            "votes_before",
            "Votes outstanding before",
            VOTES_OUTSTANDING,
            "Before its closing, where votes and shares differ",
        ),
    ),
)

STATED: Final = InputTable(
    "Stated",
    "Stated",
    "Figures as stated elsewhere",
    "One row a figure of a term sheet, memo or filing: it is worked out again and compared.",
    (
        Entry("figure", "Figure", word(*STATED_FIGURES), "What the figure is of"),
        Entry("security", "Security", TEXT, "Where it is of one security only"),
        Entry("stated", "Stated", ANY_FIGURE, "As stated, with its decimals; 20% as 20%"),
        Entry(
            "basis",
            "Rate or ratio",
            ANY_FIGURE,
            "FEE: of the proceeds; AGENT: of the units or the unit price; SPLIT: old for one new",
        ),
    ),
    newer=True,
)

FILING_FACTS: Final = InputTable(
    "FilingFacts",
    "Filing",
    "The Schedule 13D as filed",
    "What the cover page and the signature page state.",
    (
        Entry("form", "Form", TEXT, "Such as SC 13D/A"),
        Entry("event_date", "Date of event", DAY, "Date of the event that requires the filing"),
        Entry("filed_on", "Filed on", DAY, "Date of the filing"),
        Entry("filing_cusip", "CUSIP on the cover", TEXT, "Nine characters, stored as text"),
        Entry("contact", "Person to notify", TEXT, "As spelt on the cover page"),
        Entry(
            "outstanding_stated",
            "Outstanding stated",
            OUTSTANDING,
            "Shares outstanding that the percentage is based on",
        ),
        Entry(
            "class_title",
            "Class reported",
            TEXT,
            "As in Classes; blank where there is one",
            newer=True,
        ),
        Entry(
            "item_5_percent",
            "Item 5: percent stated",
            FRACTION,
            "In the text, such as 36.2%",
            newer=True,
        ),
        Entry(
            "item_5_shares",
            "Item 5: shares stated",
            HOLDING,
            "In the text",
            newer=True,
        ),
    ),
    facts=True,
)

FILING: Final = InputTable(
    "Filing",
    "Filing",
    "Cover rows, one line a reporting person",
    "As filed, blanks left blank; several persons may report one position.",
    (
        Entry("name", "Row 1: reporting person", TEXT, "As spelt in row 1"),
        Entry("position", "Position of", TEXT, "Holder or group on the Holders sheet"),
        Entry("source_of_funds", "Row 4: source of funds", TEXT, "Such as WC, AF, OO"),
        Entry("citizenship", "Row 6: citizenship", TEXT, "Or place of organization"),
        Entry("sole_voting", "Row 7: sole voting", HOLDING, "Shares; blank as filed"),
        Entry("shared_voting", "Row 8: shared voting", HOLDING, "Shares"),
        Entry("sole_dispositive", "Row 9: sole dispositive", HOLDING, "Shares; blank as filed"),
        Entry("shared_dispositive", "Row 10: shared dispositive", HOLDING, "Shares"),
        Entry("aggregate", "Row 11: aggregate amount", HOLDING, "Shares beneficially owned"),
        Entry("percent", "Row 13: percent of class", FRACTION, "Such as 36.2%"),
        Entry("person_type", "Row 14: type", TEXT, "Such as IN, OO, CO, PN"),
        Entry("signature", "Signature", TEXT, "As spelt on the signature page"),
    ),
)

OFFERINGS: Final = InputTable(
    "Offerings",
    "Offerings",
    "Prospectus offerings on TSX, one line a scenario",
    "One row a scenario; they stand side by side on Scenarios. A blank never turns into a no.",
    (
        Entry("name", "Scenario", TEXT, "A short name, as in Insiders"),
        Entry("offer_price", "Offer price", PRICE, "Before commission"),
        Entry(
            "announced_at",
            "Announced at",
            MOMENT,
            "Toronto time; with the time of day where the day is a session",
        ),
        Entry(
            "disseminated_at",
            "Material information",
            MOMENT,
            "When the latest was disseminated, Toronto time; blank where there was none",
        ),
        Entry("close", "Close used", PRICE, "TSX close the discount is measured from"),
        Entry("close_date", "Date of that close", DAY, "Session of the close used"),
        Entry("size", "Offering size", SHARES, "Without the over-allotment option"),
        Entry("over_allotment", "Over-allotment", HOLDING, "Shown, not tested; 0 for none"),
        Entry("outstanding", "Outstanding before", OUTSTANDING, "Before the offering, not diluted"),
        Entry("purchasers", "Actual purchasers", PURCHASER_COUNT, "Insiders among them"),
        Entry(
            "dealers_notified",
            "Dealers notified",
            FACT,
            "Selling group, or desks at substantially all Canadian dealers",
        ),
        Entry("marketed_abroad", "Marketed only abroad", FACT, "Only outside Canada"),
        Entry(
            "confirmed",
            "Broad marketing confirmed",
            FACT,
            "To TSX by the final documentation; FALSE where it was due and not given",
        ),
        Entry("commission", "Commission", FRACTION, "On others' purchases; 0 for none"),
        Entry(
            "exemption",
            "Exemption",
            word("LIFE", "WKSI", "NONE", undecided=True),
            "LIFE: listed issuer financing exemption",
        ),
        Entry("as_of", "Law as of", DAY, "Blank: the day of announcement"),
        Entry(
            "placement_net",
            "Concurrent placement net",
            PRICE,
            "Net proceeds of a private placement at the same time",
        ),
        Entry(
            "letter_interest", "Letter: insider interest", STATEMENT, 'In words; "None" where none'
        ),
        Entry(
            "letter_control", "Letter: effect on control", STATEMENT, 'In words; "None" where none'
        ),
        Entry("letter_marketed", "Letter: broadly marketed", FACT, "As the letter states it"),
        Entry(
            "letter_when_issued",
            "Letter: if, as and when issued",
            FACT,
            "Whether such a market may be requested",
        ),
    ),
)

INSIDERS: Final = InputTable(
    "Insiders",
    "Insiders",
    "Insiders who buy",
    "One row an insider and scenario. Where no insider buys, one row that says so: bought 0.",
    (
        Entry("scenario", "Scenario", TEXT, "As in Offerings"),
        Entry("name", "Insider", TEXT, "Every insider, reporting or not"),
        Entry("held", "Held before", HOLDING, "Before the offering; 0 for none"),
        Entry("bought", "Bought", HOLDING, "In the offering; 0 for none"),
        Entry("fee", "Fee to the insider", FRACTION, "Standby, commitment or other; of the price"),
        Entry(
            "commission",
            "Commission on this purchase",
            FRACTION,
            "Blank: as on others' purchases; 0 where none is paid",
        ),
        Entry(
            "stated_pro_rata",
            "Pro rata as stated",
            HOLDING,
            "Where somebody worked it out already: it is compared",
        ),
    ),
)

SESSION_CLOSES: Final = InputTable(
    "SessionCloses",
    "Closes",
    "Trading on TSX",
    "One row a session, in any order; value and volume are for section 607's market price.",
    (
        Entry("day", "Date", DAY, "Session"),
        Entry("close", "TSX close", PRICE, "Last trade of a board lot on TSX"),
        Entry("value", "Value traded", AMOUNT, "On TSX in that session"),
        Entry("volume", "Volume traded", SHARES, "On TSX in that session"),
    ),
)

SUBMISSION: Final = InputTable(
    "Submission",
    "Submission",
    "The structured filing: elements without a cell of their own",
    "One row an element, as filed. The cover page stands on Filing and Deal; what is there wins.",
    (
        Entry("element", "Element", TEXT, "Path below edgarSubmission; [2] marks a second one"),
        Entry("person", "Reporting person", TEXT, "As in row 1 on Filing, where it is theirs"),
        Entry("text", "Content", TEXT, "As filed; blank where the element is there and empty"),
    ),
)

INPUT_TABLES: Final = (
    DEAL,
    CLASSES,
    PRICES,
    SECURITIES,
    PURCHASERS,
    HOLDERS,
    GROUPS,
    ISSUANCES,
    STATED,
    FILING_FACTS,
    FILING,
)
OFFERING_TABLES: Final = (OFFERINGS, INSIDERS, SESSION_CLOSES)

SUBMISSION_TABLES: Final = (SUBMISSION,)

# A workbook holds the tables of one family, or of several.
FAMILIES: Final = (INPUT_TABLES, OFFERING_TABLES, SUBMISSION_TABLES)
ALL_TABLES: Final = (*INPUT_TABLES, *OFFERING_TABLES, *SUBMISSION_TABLES)

COVER_SHEET: Final = "Cover"
CHECKS_SHEET: Final = "Checks"
WORKINGS_SHEET: Final = "Workings"
HEADROOM_SHEET: Final = "Headroom"
OWNERSHIP_SHEET: Final = "Ownership"
SCENARIOS_SHEET: Final = "Scenarios"
BY_INSIDER_SHEET: Final = "ByInsider"
