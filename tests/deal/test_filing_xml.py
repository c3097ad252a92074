"""A structured 13D or 13G: into the workbook, through the checks, and back to the same data."""

from __future__ import annotations

from datetime import date
from decimal import Decimal, InvalidOperation
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st
from openpyxl import load_workbook

from xl_compliance.batch.run import check_all
from xl_compliance.cli import main
from xl_compliance.deal.files import UnreadableFile
from xl_compliance.deal.filing_xml import (
    StructuredFiling,
    contents_of,
    filing_of,
    read_filing,
    unfilled,
    xml_of,
)
from xl_compliance.deal.reading import read_deal
from xl_compliance.workbook.examples import EXAMPLES
from xl_compliance.workbook.snapshot import read
from xl_compliance.workbook.template import Contents, write_workbook

HERE = Path(__file__).parent / "filings"
GIGA = HERE / "giga-tronics-13d-a.xml"
INVENTED = HERE / "invented-13g.xml"
PERSON = "formData/reportingPersons/reportingPersonInfo"


def run(*arguments: object):
    return CliRunner().invoke(main, [str(argument) for argument in arguments])


def imported(source: Path, folder: Path) -> Path:
    target = folder / f"{source.stem}.xlsx"
    result = run("import-13d", source, "-o", target)
    assert result.exit_code == 0, result.output
    return target


def changed(folder: Path, old: str, new: str, source: Path = GIGA) -> Path:
    text = source.read_text("utf-8")
    assert old in text
    target = folder / "changed.xml"
    target.write_text(text.replace(old, new, 1), "utf-8")
    return target


def data(filing: StructuredFiling) -> dict[tuple[str, str], object]:
    """Texts by place, numbers by what they are worth."""

    def worth(text: str) -> object:
        try:
            return Decimal(text)
        except InvalidOperation:
            return text

    return {(e.path, e.person): worth(e.text) for e in filing.elements}


def edit(workbook: Path, sheet: str, cell: str, value: object) -> None:
    book = load_workbook(workbook)
    book[sheet][cell] = value
    book.save(workbook)


def located(workbook: Path, sheet: str, text: str) -> tuple[int, int]:
    for row in load_workbook(workbook)[sheet].iter_rows():
        for cell in row:
            if cell.value == text:
                return cell.row, cell.column
    raise AssertionError(f"{text} is not on {sheet}")


@pytest.mark.parametrize("source", [GIGA, INVENTED])
def test_import_export_import_gives_the_same_data(source: Path, tmp_path: Path):
    workbook, back = imported(source, tmp_path), tmp_path / "back.xml"
    run("export-13d", workbook, "-o", back)
    first, second = read_filing(source), read_filing(back)
    assert data(second) == data(first)
    assert second.persons == first.persons
    assert len(first.elements) > 60


def test_the_cover_page_of_giga_tronics_is_on_filing(tmp_path: Path):
    deal = read_deal(read(imported(GIGA, tmp_path)))
    assert deal.filing_facts.form.value == "SCHEDULE 13D/A (Amendment No. 3)"
    assert deal.filing_facts.event_date.value == date(2013, 7, 8)
    assert deal.filing_facts.filing_cusip.value == "375175106"
    assert deal.filing_facts.contact.value == "Darrin C. Wallis"
    assert [row.aggregate.value for row in deal.filing] == [2_870_756] * 4
    assert {row.percent.value for row in deal.filing} == {Decimal("0.362")}
    assert [row.sole_voting.value for row in deal.filing] == [None] * 4
    assert deal.filing[0].signature.value == "Darren C. Wallis, Managing Member"


def test_several_codes_and_fractional_shares(tmp_path: Path):
    deal = read_deal(read(imported(INVENTED, tmp_path)))
    assert deal.filing[0].person_type.value == "IA, PN"
    assert deal.filing[1].sole_voting.value == Decimal("250000.5")


def test_row_11_planted_wrong_is_found(tmp_path: Path):
    planted = "<aggregateAmountOwned>2807756.00</aggregateAmountOwned>"
    source = changed(tmp_path, "<aggregateAmountOwned>2870756.00</aggregateAmountOwned>", planted)
    found = findings(imported(source, tmp_path), "BREACH")
    assert [f.code for f in found] == ["SEC006", "SEC011"]
    assert "Alara Capital AVI II, LLC" in found[0].message


@pytest.mark.parametrize(
    ("percent", "verdicts"), [("36.2", ["OK"] * 4), ("32.6", ["BREACH", *["OK"] * 3])]
)
def test_row_13_is_checked_once_positions_and_outstanding_are_entered(
    percent: str, verdicts: list[str], tmp_path: Path
):
    source = changed(tmp_path, ">36.2</percentOfClass>", f">{percent}</percentOfClass>")
    contents, _ = contents_of(read_filing(source), source.name)
    known = EXAMPLES["giga-tronics"]
    group = known.rows["Holders"][0]["group"]
    filing = [{**row, "position": group} for row in contents.rows["Filing"]]
    entered = {key: known.rows[key] for key in ("Classes", "Securities", "Holders")}
    write_workbook(
        tmp_path / "deal.xlsx",
        Contents(
            {**contents.facts, "outstanding_stated": known.facts["outstanding_stated"]},
            {**contents.rows, **entered, "Filing": filing},
        ),
    )
    [checked] = check_all([tmp_path / "deal.xlsx"]).workbooks
    assert [str(f.verdict) for f in checked.findings if f.code == "SEC002"] == verdicts


def test_a_transposed_cusip_is_found(tmp_path: Path):
    source = changed(tmp_path, ">375175106<", ">375157106<")
    assert [f.code for f in findings(imported(source, tmp_path), "BREACH")] == ["IDS001"]


def test_names_spelt_differently_are_found(tmp_path: Path):
    found = findings(imported(GIGA, tmp_path), "REVIEW")
    assert any("Darrin C. Wallis" in f.message and f.code == "IDS002" for f in found)


def findings(workbook: Path, verdict: str):
    report = check_all([workbook])
    return [
        f for checked in report.workbooks for f in checked.findings if str(f.verdict) == verdict
    ]


def test_what_is_left_out_is_listed(tmp_path: Path):
    source = changed(
        tmp_path,
        "<fundsSource>",
        '<other xmlns="urn:other">1</other>stray<fundsSource note="n">',
    )
    result = run("import-13d", source, "-o", tmp_path / "out.xlsx")
    assert 'item3/other: in the namespace "urn:other"' in result.output
    assert 'item3/fundsSource: attribute note = "n"' in result.output
    assert 'item3: text beside elements, "stray"' in result.output
    assert "ccc: an access code is never stored" in result.output


def test_an_access_code_reaches_no_part_of_the_workbook(tmp_path: Path):
    from zipfile import ZipFile

    workbook = imported(changed(tmp_path, "XXXXXXXX", "s3cr3t!!"), tmp_path)
    with ZipFile(workbook) as package:
        assert not any(b"s3cr3t" in package.read(name) for name in package.namelist())


def test_an_element_that_the_specification_lacks_survives(tmp_path: Path):
    source = changed(tmp_path, "<fundsSource>", "<newThing>7</newThing><fundsSource>")
    first = read_filing(source)
    assert any("item3/newThing: not in the specification" in note for note in first.left_out)
    workbook, back = imported(source, tmp_path), tmp_path / "back.xml"
    run("export-13d", workbook, "-o", back)
    assert data(read_filing(back)) == data(first)


@pytest.mark.parametrize(
    ("old", "new", "element", "expected"),
    [
        (">2870756.00</agg", ">2,870,756</agg", "aggregateAmountOwned", "a number of shares"),
        (">2870756.00</agg", ">-5</agg", "aggregateAmountOwned", "a number of shares"),
        (
            ">2870756.00</agg",
            ">12345678901234.56</agg",
            "aggregateAmountOwned",
            "at most 15 digits",
        ),
        (">36.2<", ">36.2%<", "percentOfClass", "a percentage such as 36.2"),
        (">07/08/2013<", ">2013-07-08<", "dateOfEvent", "a date such as 07/08/2013"),
        (">07/08/2013<", ">13/08/2013<", "dateOfEvent", "a date such as 07/08/2013"),
    ],
)
def test_what_cannot_be_read_stays_as_text_and_comes_back(
    old: str, new: str, element: str, expected: str, tmp_path: Path
):
    source = changed(tmp_path, old, new)
    contents, notes = contents_of(read_filing(source), source.name)
    assert len(notes) == 1
    assert element in notes[0]
    assert expected in notes[0]
    write_workbook(tmp_path / "x.xlsx", contents)
    again = filing_of(read_deal(read(tmp_path / "x.xlsx")))
    assert data(read_filing(source)) == data(again)


def test_a_cell_wins_over_the_text_of_its_element_and_says_so(tmp_path: Path):
    workbook = imported(changed(tmp_path, ">07/08/2013<", ">2013-07-08<"), tmp_path)
    row, column = located(workbook, "Filing", "Date of event")
    edit(workbook, "Filing", f"{'ABCD'[column]}{row}", date(2013, 7, 9))
    filing = filing_of(read_deal(read(workbook)))
    assert filing.text("formData/coverPageHeader/dateOfEvent") == "07/09/2013"
    assert any('"2013-07-08" gives way to' in note for note in filing.left_out)


def test_elements_follow_their_person_when_rows_change_places(tmp_path: Path):
    workbook = imported(GIGA, tmp_path)
    book = load_workbook(workbook)
    sheet = book["Filing"]
    first, column = located(workbook, "Filing", "Alara Capital AVI II, LLC")
    for shift in range(len(read_deal(read(workbook)).filing) * 3):
        upper, lower = sheet.cell(first, column + shift), sheet.cell(first + 1, column + shift)
        upper.value, lower.value = lower.value, upper.value
    book.save(workbook)
    filing = filing_of(read_deal(read(workbook)))
    assert filing.persons[0] == "Darren C. Wallis"
    assert filing.text("commentContent", "Darren C. Wallis").endswith("for Darren C. Wallis.")
    root = ElementTree.fromstring(xml_of(filing))
    comments = [e.text for e in root.iter() if e.tag.endswith("commentContent")]
    assert comments[0].endswith("for Darren C. Wallis.")


def test_elements_of_a_person_who_is_gone_are_left_out_and_named(tmp_path: Path):
    workbook = imported(GIGA, tmp_path)
    row, column = located(workbook, "Filing", "Lutz P. Henckels")
    book = load_workbook(workbook)
    for shift in range(13):
        book["Filing"].cell(row, column + shift).value = None
    book.save(workbook)
    filing = filing_of(read_deal(read(workbook)))
    assert len(filing.persons) == 3
    gone = [note for note in filing.left_out if "Lutz P. Henckels" in note]
    assert any("commentContent" in note for note in gone)


def test_export_lists_what_is_missing_with_its_instance(tmp_path: Path):
    write_workbook(tmp_path / "giga.xlsx", EXAMPLES["giga-tronics"])
    result = run("export-13d", tmp_path / "giga.xlsx", "-o", tmp_path / "giga.xml")
    assert result.exit_code == 1
    for missing in (
        "headerData/filerInfo/filer/filerCredentials/cik: missing",
        "formData/coverPageHeader/securitiesClassTitle: missing",
        "formData/signatureInfo/signaturePerson[4]/signatureDetails/title: missing",
        "citizenshipOrOrganization: 8 characters for Alara Capital AVI II, LLC, 2 allowed",
        "Filed on has no element in a Schedule 13D; it is left out",
    ):
        assert missing in result.output
    written = read_filing(tmp_path / "giga.xml")
    assert written.text("aggregateAmountOwned", "Darren C. Wallis") == "2870756.00"
    assert written.text("percentOfClass", "Darren C. Wallis") == "36.2"


def test_a_whole_filing_lacks_only_the_access_code(tmp_path: Path):
    assert unfilled(read_filing(INVENTED)) == (
        "headerData/filerInfo/filer/filerCredentials/ccc: missing",
        "headerData/filerInfo/contact/contactName: missing",
        "headerData/filerInfo/contact/contactPhone: missing",
        "headerData/filerInfo/contact/contactEmail: missing",
    )
    workbook = imported(GIGA, tmp_path)
    filing = filing_of(read_deal(read(workbook)))
    assert unfilled(filing) == ("headerData/filerInfo/filer/filerCredentials/ccc: missing",)
    assert run("export-13d", workbook, "-o", tmp_path / "b.xml").exit_code == 0


def test_elements_are_written_in_sequence_and_in_their_namespaces(tmp_path: Path):
    root = ElementTree.fromstring(xml_of(read_filing(INVENTED)))
    assert root.tag == "{http://www.sec.gov/edgar/schedule13g}edgarSubmission"
    person = next(e for e in root.iter() if e.tag.endswith("ReportingPersonDetails"))
    names = [e.tag.rpartition("}")[2] for e in person]
    assert names.index("memberGroup") < names.index("citizenshipOrOrganization")
    assert names[-1] == "comments"
    assert len(list(root.iter("{http://www.sec.gov/edgar/common}city"))) == 1
    assert [e.text for e in root.iter() if e.tag.endswith("issuerCusipNumber")] == [
        "000000109",
        "000000208",
    ]


def test_a_text_that_begins_like_a_formula_stays_a_text(tmp_path: Path):
    workbook = imported(GIGA, tmp_path)
    row, column = located(workbook, "Submission", "=36.2% of 5,059,747 and 2,870,756 shares")
    cell = load_workbook(workbook)["Submission"].cell(row, column)
    assert cell.data_type == "s"
    assert cell.quotePrefix


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "no well-formed XML"),
        (b"<html><body/></html>", 'begins with "html"'),
        (b"<edgarSubmission/>", 'in the namespace ""'),
        (b'<!DOCTYPE a [<!ENTITY b "c">]><a>&b;</a>', "declares a document type"),
        (b'<?xml version="1.0" encoding="no-such"?><a/>', "encoding"),
        (
            b'<edgarSubmission xmlns="http://www.sec.gov/edgar/schedule13g"><headerData>'
            b"<submissionType>SCHEDULE 13D</submissionType></headerData></edgarSubmission>",
            'submissionType: "SCHEDULE 13D"',
        ),
        (
            b'<edgarSubmission xmlns="http://www.sec.gov/edgar/schedule13d"><formData/>'
            b"</edgarSubmission>",
            "submissionType: it is missing",
        ),
        (
            b'<edgarSubmission xmlns="http://www.sec.gov/edgar/schedule13d">'
            + b"<a>" * 40
            + b"</a>" * 40
            + b"</edgarSubmission>",
            "too deep",
        ),
    ],
)
def test_what_is_no_filing_is_refused_in_one_line(content: bytes, said: str, tmp_path: Path):
    source = tmp_path / "bad.xml"
    source.write_bytes(content)
    result = run("import-13d", source, "-o", tmp_path / "out.xlsx")
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output
    assert not (tmp_path / "out.xlsx").exists()


def test_a_blank_form_is_refused_with_its_cell(tmp_path: Path):
    write_workbook(tmp_path / "blank.xlsx")
    with pytest.raises(UnreadableFile, match=r"Filing!C6: it is blank"):
        filing_of(read_deal(read(tmp_path / "blank.xlsx")))


def test_a_path_that_is_none_is_refused_with_its_cell(tmp_path: Path):
    workbook = imported(GIGA, tmp_path)
    row, column = located(workbook, "Submission", "formData/items1To7/item3/fundsSource")
    edit(workbook, "Submission", f"B{row}", "items 1 to 7 / funds")
    assert column == 2
    with pytest.raises(UnreadableFile, match=rf"Submission!B{row}: .*is no path"):
        filing_of(read_deal(read(workbook)))


def test_nothing_is_written_over_without_force(tmp_path: Path):
    target = tmp_path / "there.xlsx"
    target.write_bytes(b"mine")
    assert run("import-13d", GIGA, "-o", target).exit_code == 2
    assert target.read_bytes() == b"mine"


@given(
    shares=st.decimals(0, 9_999_999_999_999, places=2),
    percent=st.decimals(0, 100, places=1),
)
def test_any_amount_comes_back_exactly(shares: Decimal, percent: Decimal):
    text = GIGA.read_text("utf-8")
    text = text.replace(">2870756.00</agg", f">{shares}</agg", 1)
    text = text.replace(">36.2<", f">{percent}<", 1)
    from tempfile import TemporaryDirectory

    with TemporaryDirectory() as folder:
        source = Path(folder, "a.xml")
        source.write_text(text, "utf-8")
        contents, notes = contents_of(read_filing(source), "a.xml")
    row = contents.rows["Filing"][0]
    assert notes == ()
    assert Decimal(f"{row['aggregate']:.15g}") == shares
    assert Decimal(f"{row['percent']:.15g}") * 100 == percent
