"""Open Cap Table Format: positions to the share, and nothing dropped unsaid.

The file sets are invented; they follow the public schema.
"""

from __future__ import annotations

import hashlib
import json
import zipfile
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from xl_compliance.batch.run import check_all
from xl_compliance.cli import main
from xl_compliance.deal.files import UnreadableFile
from xl_compliance.deal.open_cap_format import read_ocf
from xl_compliance.deal.open_cap_sheets import contents_of
from xl_compliance.deal.reading import read_deal
from xl_compliance.workbook.snapshot import read

Item = dict[str, Any]
FILES = {
    "STAKEHOLDER": ("OCF_STAKEHOLDERS_FILE", "stakeholders_files", "Stakeholders.ocf.json"),
    "STOCK_CLASS": ("OCF_STOCK_CLASSES_FILE", "stock_classes_files", "StockClasses.ocf.json"),
    "STOCK_PLAN": ("OCF_STOCK_PLANS_FILE", "stock_plans_files", "StockPlans.ocf.json"),
    "TX": ("OCF_TRANSACTIONS_FILE", "transactions_files", "Transactions.ocf.json"),
}
USD = {"currency": "USD"}


def holder(key: str, name: str) -> Item:
    return {"object_type": "STAKEHOLDER", "id": key, "name": {"legal_name": name}}


def common(key: str = "common", name: str = "Common Stock", votes: str = "1") -> Item:
    return {
        "object_type": "STOCK_CLASS",
        "id": key,
        "name": name,
        "class_type": "COMMON",
        "votes_per_share": votes,
        "conversion_rights": [],
    }


def preferred(numerator: str = "3", denominator: str = "2", rounding: str = "FLOOR") -> Item:
    mechanism = {
        "type": "RATIO_CONVERSION",
        "ratio": {"numerator": numerator, "denominator": denominator},
        "rounding_type": rounding,
    }
    right = {"conversion_mechanism": mechanism, "converts_to_stock_class_id": "common"}
    return {
        "object_type": "STOCK_CLASS",
        "id": "seed",
        "name": "Series Seed",
        "class_type": "PREFERRED",
        "votes_per_share": "1",
        "conversion_rights": [right],
    }


def tx(kind: str, day: str, **fields: Any) -> Item:
    tx.count = getattr(tx, "count", 0) + 1
    given = {"object_type": f"TX_{kind}", "id": f"tx-{tx.count}", "date": day, **fields}
    return {key: value for key, value in given.items() if value is not None}


def stock(key: str, who: str, quantity: str, day: str = "2023-01-10", of: str = "common", **more):
    return tx(
        "STOCK_ISSUANCE",
        day,
        security_id=key,
        custom_id=key.upper(),
        stakeholder_id=who,
        stock_class_id=of,
        quantity=quantity,
        share_price={"amount": "0.50", **USD},
        **more,
    )


def option(key: str, who: str, quantity: str, **more: Any) -> Item:
    return tx(
        "EQUITY_COMPENSATION_ISSUANCE",
        "2023-03-01",
        **{
            "security_id": key,
            "custom_id": key.upper(),
            "stakeholder_id": who,
            "stock_class_id": "common",
            "compensation_type": "OPTION_ISO",
            "quantity": quantity,
            "exercise_price": {"amount": "1.25", **USD},
            "expiration_date": "2033-03-01",
            **more,
        },
    )


def warrant(key: str, who: str, **more: Any) -> Item:
    trigger = {
        "trigger_id": f"{key}.1",
        "type": "ELECTIVE_IN_RANGE",
        "start_date": "2023-06-01",
        "end_date": "2030-06-01",
        "conversion_right": {
            "conversion_mechanism": {
                "type": "FIXED_AMOUNT_CONVERSION",
                "converts_to_quantity": "5000",
            },
            "converts_to_stock_class_id": "common",
        },
    }
    return tx(
        "WARRANT_ISSUANCE",
        "2023-04-01",
        **{
            "security_id": key,
            "custom_id": key.upper(),
            "stakeholder_id": who,
            "quantity": "5000",
            "exercise_price": {"amount": "2.00", **USD},
            "purchase_price": {"amount": "100.00", **USD},
            "exercise_triggers": [trigger],
            **more,
        },
    )


PEOPLE = [holder("ann", "Ann Ash"), holder("bob", "Bob Birch"), holder("fund", "Cedar Fund LP")]


def write(folder: Path, items: list[Item], as_of: str | None = "2024-06-30", **extra: Any) -> Path:
    """A file set in a folder; `extra` changes the manifest."""
    folder.mkdir(parents=True, exist_ok=True)
    grouped: dict[str, list[Item]] = defaultdict(list)
    for item in items:
        kind = str(item.get("object_type", ""))
        grouped[kind if kind in FILES else "TX"].append(item)
    manifest: Item = {
        "file_type": "OCF_MANIFEST_FILE",
        "issuer": {"object_type": "ISSUER", "id": "issuer", "legal_name": "Larch Labs, Inc."},
    }
    if as_of:
        manifest["as_of"] = as_of
    for kind, listed in grouped.items():
        file_type, key, name = FILES[kind]
        content = json.dumps({"file_type": file_type, "items": listed}).encode()
        (folder / name).write_bytes(content)
        manifest[key] = [{"filepath": f"./{name}", "md5": hashlib.md5(content).hexdigest()}]
    (folder / "Manifest.ocf.json").write_text(json.dumps({**manifest, **extra}))
    return folder


def rows(folder: Path, *items: Item, classes: tuple[Item, ...] = ()) -> tuple[Any, list[str]]:
    """The rows of the workbook, and every remark as it is told."""
    table = read_ocf(write(folder, [*PEOPLE, *(classes or (common(),)), *items]))
    contents, remarks = contents_of(table)
    return contents.rows, [str(remark) for remark in (*table.remarks, *remarks)]


def held(found: Any) -> dict[tuple[str, str], object]:
    return {(row["name"], row["security"]): row["held"] for row in found["Holders"] if row["held"]}


def rights(found: Any) -> list[tuple[object, ...]]:
    return [
        (row["name"], row["security"], row["rights"], row["exercisable_on"])
        for row in found["Holders"]
        if not row["held"]
    ]


def test_shares_of_a_holder_are_one_row_and_the_class_adds_up(tmp_path: Path):
    found, remarks = rows(
        tmp_path,
        stock("cs-1", "ann", "1000.50"),
        stock("cs-2", "ann", "2"),
        stock("cs-3", "bob", "7"),
    )
    assert held(found) == {
        ("Ann Ash", "Common Stock"): 1002.5,
        ("Bob Birch", "Common Stock"): 7,
    }
    assert found["Classes"][0]["outstanding"] == 1009.5
    assert found["Classes"][0]["votes_per_share"] == 1
    assert found["Classes"][0]["as_of"] == date(2024, 6, 30)
    assert remarks == []


def test_shares_held_beside_dated_options_need_no_date_of_their_own(tmp_path: Path):
    found, _ = rows(tmp_path, stock("cs-1", "ann", "10"), option("es-1", "ann", "5"))
    held_row = next(row for row in found["Holders"] if row["held"])
    assert held_row.get("rights") is None


def test_a_transfer_in_part_with_its_balance(tmp_path: Path):
    found, remarks = rows(
        tmp_path,
        stock("bob-1", "bob", "1000"),
        tx(
            "STOCK_TRANSFER",
            "2023-05-01",
            security_id="bob-1",
            quantity="400",
            resulting_security_ids=["ann-1"],
            balance_security_id="bob-2",
        ),
        stock("ann-1", "ann", "400", "2023-05-01"),
        stock("bob-2", "bob", "600", "2023-05-01"),
    )
    assert held(found) == {("Ann Ash", "Common Stock"): 400, ("Bob Birch", "Common Stock"): 600}
    assert remarks == []
    # A transfer is no issuance: one transaction, of the first holder.
    assert [(r["investor"], r["issuable"]) for r in found["Issuances"]] == [("Bob Birch", 1000)]


def test_a_balance_that_does_not_add_up_is_said(tmp_path: Path):
    _, remarks = rows(
        tmp_path,
        stock("bob-1", "bob", "1000"),
        tx(
            "STOCK_CANCELLATION",
            "2023-05-01",
            security_id="bob-1",
            quantity="400",
            balance_security_id="bob-2",
            reason_text="r",
        ),
        stock("bob-2", "bob", "599", "2023-05-01"),
    )
    assert len(remarks) == 1
    assert "the balance comes to 599, 600 follows" in remarks[0]


@pytest.mark.parametrize(
    ("quantity", "left", "said"),
    [
        ("999", 1, "no balance_security_id; the rest, 1, stays"),
        ("1000", None, None),
        ("1001", None, "1,001 of 1,000; the security ends"),
    ],
)
def test_a_cancellation_without_balance(
    quantity: str, left: int | None, said: str | None, tmp_path
):
    found, remarks = rows(
        tmp_path,
        stock("keep", "ann", "5"),
        stock("bob-1", "bob", "1000"),
        tx("STOCK_CANCELLATION", "2023-05-01", security_id="bob-1", quantity=quantity),
    )
    assert held(found).get(("Bob Birch", "Common Stock")) == left
    assert len(remarks) == (said is not None)
    assert said is None or said in remarks[0]


def test_a_split_multiplies_what_was_issued_before_that_day(tmp_path: Path):
    found, remarks = rows(
        tmp_path,
        stock("a", "ann", "1000", "2023-01-10"),
        tx(
            "STOCK_CLASS_SPLIT",
            "2023-02-01",
            stock_class_id="common",
            split_ratio={"numerator": "3", "denominator": "2"},
        ),
        stock("b", "bob", "10", "2023-02-01"),
    )
    assert held(found) == {("Ann Ash", "Common Stock"): 1500, ("Bob Birch", "Common Stock"): 10}
    assert [row["issuable"] for row in found["Issuances"]] == [1500, 10]
    assert "check them" in remarks[0]


def test_a_split_with_certificates_reissued_counts_once(tmp_path: Path):
    found, _ = rows(
        tmp_path,
        stock("old", "ann", "1000"),
        tx(
            "STOCK_CLASS_SPLIT",
            "2023-02-01",
            stock_class_id="common",
            split_ratio={"numerator": "2", "denominator": "1"},
        ),
        tx(
            "STOCK_REISSUANCE",
            "2023-02-03",
            security_id="old",
            resulting_security_ids=["new"],
            split_transaction_id="s",
        ),
        stock("new", "ann", "2000", "2023-02-03"),
    )
    assert held(found) == {("Ann Ash", "Common Stock"): 2000}


def test_a_reverse_split_into_thirds_leaves_the_cell_blank(tmp_path: Path):
    found, remarks = rows(
        tmp_path,
        stock("a", "ann", "100"),
        tx(
            "STOCK_CLASS_SPLIT",
            "2023-02-01",
            stock_class_id="common",
            split_ratio={"numerator": "1", "denominator": "3"},
        ),
    )
    assert found["Holders"][0]["held"] is None
    assert found["Classes"][0]["outstanding"] is None
    assert any("fraction without end" in remark for remark in remarks)


def test_preferred_converts_by_its_ratio_and_rounding(tmp_path: Path):
    found, remarks = rows(
        tmp_path,
        stock("c", "ann", "1"),
        stock("ps-1", "fund", "1001", of="seed"),
        classes=(common(), preferred()),
    )
    assert rights(found) == [("Cedar Fund LP", "Series Seed PS-1", 1501, None)]
    security = found["Securities"][0]
    assert (security["quantity"], security["ratio"], security["paid"]) == (1001, 1.5, 500.5)
    assert security["transaction"] == "Series Seed, 2023-01-10"
    assert remarks == []


@pytest.mark.parametrize(("rounding", "shares"), [("FLOOR", 1), ("CEILING", 2), ("NORMAL", 2)])
def test_rounding_of_one_and_a_half(rounding: str, shares: int, tmp_path: Path):
    found, _ = rows(
        tmp_path,
        stock("ps-1", "fund", "1", of="seed"),
        classes=(common(), preferred(rounding=rounding)),
    )
    assert rights(found)[0][2] == shares


def test_a_conversion_ratio_adjustment_takes_over(tmp_path: Path):
    found, _ = rows(
        tmp_path,
        stock("ps-1", "fund", "100", of="seed"),
        tx(
            "STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT",
            "2024-01-01",
            stock_class_id="seed",
            new_ratio_conversion_mechanism={
                "type": "RATIO_CONVERSION",
                "ratio": {"numerator": "1.00", "denominator": "0.20"},
                "rounding_type": "CEILING",
            },
        ),
        classes=(common(), preferred()),
    )
    assert rights(found)[0][2] == 500


def test_a_conversion_moves_preferred_into_common(tmp_path: Path):
    found, remarks = rows(
        tmp_path,
        stock("ps-1", "fund", "100", of="seed"),
        tx(
            "STOCK_CONVERSION",
            "2023-08-01",
            security_id="ps-1",
            quantity_converted="40",
            resulting_security_ids=["cs-1"],
            balance_security_id="ps-2",
        ),
        stock("cs-1", "fund", "60", "2023-08-01"),
        stock("ps-2", "fund", "60", "2023-08-01", of="seed"),
        classes=(common(), preferred()),
    )
    assert held(found) == {("Cedar Fund LP", "Common Stock"): 60}
    assert rights(found) == [("Cedar Fund LP", "Series Seed PS-2", 90, None)]
    # The balance goes back to the first issuance, which the Issuances sheet names.
    assert found["Securities"][0]["transaction"] == found["Issuances"][0]["transaction"]
    assert remarks == []


def test_options_vest_by_their_tranches_less_what_was_exercised(tmp_path: Path):
    vestings = [
        {"date": "2024-03-01", "amount": "250"},
        {"date": "2025-03-01", "amount": "250"},
        {"date": "2026-03-01", "amount": "500.5"},
    ]
    found, remarks = rows(
        tmp_path,
        option("es-1", "ann", "1000.5", vestings=vestings),
        tx(
            "EQUITY_COMPENSATION_EXERCISE",
            "2024-04-01",
            security_id="es-1",
            quantity="300",
            resulting_security_ids=["cs-1"],
        ),
        stock("cs-1", "ann", "300", "2024-04-01"),
    )
    assert rights(found) == [
        ("Ann Ash", "Common Stock", 200, date(2025, 3, 1)),
        ("Ann Ash", "Common Stock", 500.5, date(2026, 3, 1)),
    ]
    assert held(found) == {("Ann Ash", "Common Stock"): 300}
    assert found["Issuances"] == []
    assert remarks == []


@pytest.mark.parametrize(
    ("fields", "day", "said"),
    [
        ({}, date(2023, 3, 1), None),
        (
            {"early_exercisable": True, "vesting_terms_id": "4y"},
            date(2023, 3, 1),
            None,
        ),
        ({"vesting_terms_id": "4y"}, None, 'the terms "4y", which are not worked out'),
        (
            {"vestings": [{"date": "2024-01-01", "amount": "9"}]},
            None,
            "vestings do not add up",
        ),
        ({"compensation_type": "RSU"}, date(2023, 3, 1), None),
    ],
)
def test_when_an_award_counts(fields: Item, day: date | None, said: str | None, tmp_path: Path):
    found, remarks = rows(tmp_path, stock("c", "bob", "1"), option("es-1", "ann", "10", **fields))
    assert rights(found) == [("Ann Ash", "Common Stock", 10, day)]
    assert len(remarks) == (said is not None)
    assert said is None or said in remarks[0]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"compensation_type": "CSAR"}, "settled in cash"),
        ({"expiration_date": "2024-06-29"}, "it expired on 2024-06-29"),
    ],
)
def test_an_award_that_gives_no_shares_is_left_out_and_named(fields: Item, said: str, tmp_path):
    found, remarks = rows(tmp_path, stock("c", "bob", "1"), option("es-1", "ann", "10", **fields))
    assert rights(found) == []
    assert said in remarks[0]


def test_an_award_of_which_nothing_names_the_class_says_so(tmp_path: Path):
    award = option("es-1", "ann", "10", stock_class_id=None)
    found, remarks = rows(tmp_path, stock("c", "bob", "1"), award)
    assert [row["rights"] for row in found["Holders"] if row["name"] == "Ann Ash"] == [None]
    assert "neither it nor a plan of it names the class it leads to" in remarks[0]


def test_an_award_on_its_last_day_still_counts(tmp_path: Path):
    award = option("es-1", "ann", "10", expiration_date="2024-06-30")
    found, remarks = rows(tmp_path, stock("c", "bob", "1"), award)
    assert len(rights(found)) == 1
    assert remarks == []


def test_a_warrant_and_a_convertible(tmp_path: Path):
    safe = tx(
        "CONVERTIBLE_ISSUANCE",
        "2023-09-01",
        security_id="safe-1",
        custom_id="SAFE-1",
        stakeholder_id="fund",
        convertible_type="SAFE",
        investment_amount={"amount": "250000.00", **USD},
        conversion_triggers=[
            {
                "type": "AUTOMATIC_ON_CONDITION",
                "conversion_right": {
                    "conversion_mechanism": {"type": "SAFE_CONVERSION"},
                    "converts_to_future_round": True,
                },
            }
        ],
    )
    found, remarks = rows(tmp_path, stock("c", "bob", "1"), warrant("w-1", "fund"), safe)
    assert rights(found) == [
        ("Cedar Fund LP", "Warrant W-1", 5000, date(2023, 6, 1)),
        ("Cedar Fund LP", "SAFE SAFE-1", None, None),
    ]
    by_name = {row["name"]: row for row in found["Securities"]}
    assert by_name["Warrant W-1"]["exercise_price"] == 2
    assert by_name["SAFE SAFE-1"]["paid"] == 250_000
    assert by_name["SAFE SAFE-1"]["ratio"] is None
    assert any("depend on what is not in the files" in remark for remark in remarks)


def test_a_warrant_without_quantity_takes_the_fixed_amount(tmp_path: Path):
    found, remarks = rows(tmp_path, stock("c", "bob", "1"), warrant("w-1", "fund", quantity=None))
    assert rights(found)[0][2] == 5000
    assert remarks == []


@pytest.mark.parametrize(
    ("item", "said"),
    [
        (tx("STOCK_LEVITATION", "2023-01-01", security_id="c"), "object type is not known"),
        (
            {"object_type": "MOON_PHASE", "id": "m"},
            'm: object type "MOON_PHASE" is not known',
        ),
        ({"object_type": "TX_STOCK_TRANSFER"}, "item 2: no object with an id"),
        (tx("STOCK_RETRACTION", "2023-01-11", security_id="gone"), '"gone" is not issued'),
        (
            tx(
                "STOCK_CONVERSION",
                "2023-01-11",
                security_id="c",
                quantity_converted="1",
                resulting_security_ids=["lost"],
            ),
            'security "lost" has no issuance',
        ),
        (stock("d", "nobody", "5"), 'stakeholder "nobody" is not in the files'),
        (stock("d", "ann", "5", of="z"), 'stock class "z" is not in the files; left out'),
        (stock("d", "ann", "many"), 'quantity: "many" was read'),
        (stock("d", "ann", "-5"), 'quantity: "-5" is negative'),
        (stock("d", "ann", "1e3"), 'quantity: "1e3" was read'),
        (stock("c", "ann", "5"), 'security "c" was issued already'),
        (stock("d", "ann", "5", "2024-13-01"), 'date: "2024-13-01" was read'),
        (stock("d", "ann", "5", "2024-07-01"), "after the manifest's 2024-06-30"),
        (tx("STOCK_CANCELLATION", "2023-05-01", security_id="c"), "taken as all of the"),
        (tx("WARRANT_RETRACTION", "2023-05-01", security_id="c"), "is a stock"),
    ],
)
def test_what_is_not_understood_is_said_by_file_and_id(item: Item, said: str, tmp_path: Path):
    _, remarks = rows(tmp_path, stock("c", "bob", "1"), item)
    told = [remark for remark in remarks if said in remark]
    assert told
    assert all(remark.startswith("Transactions.ocf.json: ") for remark in told)
    assert item.get("id", "item 2") in told[0]


def test_two_people_of_one_name_stay_two(tmp_path: Path):
    items = [holder("x1", "Dee Elm"), holder("x2", "Dee  Elm")]
    table = read_ocf(
        write(tmp_path, [*items, common(), stock("a", "x1", "1"), stock("b", "x2", "2")])
    )
    assert held(contents_of(table)[0].rows) == {
        ("Dee Elm (x1)", "Common Stock"): 1,
        ("Dee Elm (x2)", "Common Stock"): 2,
    }


def test_without_a_manifest_every_file_is_read_and_that_is_said(tmp_path: Path):
    folder = write(tmp_path / "set", [*PEOPLE, common(), stock("a", "ann", "1")])
    (folder / "Manifest.ocf.json").unlink()
    table = read_ocf(folder)
    assert [security.quantity for security in table.live] == [1]
    assert "no manifest" in str(table.remarks[0])


def test_files_that_the_manifest_does_not_fit_are_named(tmp_path: Path):
    folder = write(
        tmp_path,
        [*PEOPLE, common(), stock("a", "ann", "1")],
        valuations_files=[{"filepath": "./Valuations.ocf.json"}],
    )
    (folder / "Other.json").write_text('{"file_type": "OCF_STAKEHOLDERS_FILE", "items": []}')
    path = folder / "Transactions.ocf.json"
    path.write_text(path.read_text().replace('"quantity": "1"', '"quantity": "9"'))
    told = "\n".join(map(str, read_ocf(folder).remarks))
    assert 'the file "./Valuations.ocf.json" is not there' in told
    assert "Other.json: not listed in the manifest" in told
    assert "Transactions.ocf.json: not as the manifest's md5 has it" in told


def zipped(folder: Path, target: Path) -> Path:
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in folder.iterdir():
            archive.write(file, f"set/{file.name}")
    return target


def test_a_zip_says_the_same_as_its_folder(tmp_path: Path):
    folder = write(tmp_path / "set", [*PEOPLE, common(), stock("a", "ann", "12")])
    packed = read_ocf(zipped(folder, tmp_path / "set.ocf.zip"))
    loose = read_ocf(folder)
    assert contents_of(packed)[0].rows["Classes"] == contents_of(loose)[0].rows["Classes"]
    assert packed.remarks == ()


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("../out.json", b"{}", "leads out of the file"),
        ("/etc/out.json", b"{}", "leads out of the file"),
        ("C:\\out.json", b"{}", "leads out of the file"),
        ("bomb.json", b" " * 20_000_000, "would unpack to 20,000,000"),
        ("big.json", b" " * 65_000_000, "65,000,000 bytes, where at most 64,000,000 are read"),
        ("broken.json", b'{"file_type": ', "it is no JSON"),
        ("deep.json", b"[" * 200_000, "it is no JSON"),
    ],
)
def test_an_archive_that_is_not_to_be_trusted(name: str, content: bytes, said: str, tmp_path: Path):
    path = tmp_path / "bad.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr(name, content)
    result = CliRunner().invoke(main, ["import-ocf", str(path), "-o", str(tmp_path / "o.xlsx")])
    assert result.exit_code == 2
    assert said in result.output
    assert "Traceback" not in result.output


def test_what_is_no_file_set_is_refused(tmp_path: Path):
    (tmp_path / "a.zip").write_bytes(b"PK nonsense")
    with pytest.raises(UnreadableFile, match="no zip archive"):
        read_ocf(tmp_path / "a.zip")
    with pytest.raises(UnreadableFile, match="no such file"):
        read_ocf(tmp_path / "none.zip")
    (tmp_path / "empty").mkdir()
    with pytest.raises(UnreadableFile, match="no stock class and no transaction"):
        read_ocf(tmp_path / "empty")


def test_the_workbook_passes_through_check(tmp_path: Path):
    folder = write(
        tmp_path / "set",
        [
            *PEOPLE,
            common(),
            preferred("1", "1"),
            stock("a", "ann", "750000"),
            stock("ps-1", "fund", "200000", of="seed"),
            option("es-1", "bob", "50000"),
            warrant("w-1", "fund"),
        ],
    )
    target = tmp_path / "cap.xlsx"
    result = CliRunner().invoke(main, ["import-ocf", str(folder), "-o", str(target)])
    assert result.exit_code == 0, result.output
    deal = read_deal(read(target))
    assert deal.facts.issuer.value == "Larch Labs, Inc."
    assert deal.problems == ()
    assert [row.outstanding.value for row in deal.classes] == [750_000]
    [checked] = check_all([target]).workbooks
    # No name dangles, and every right ties to its security.
    assert not [f for f in checked.findings if f.code in ("INP006", "INP007", "INP008")]
    assert [str(f.verdict) for f in checked.findings if f.code == "SEC003"] == ["OK", "OK"]


def test_an_imported_set_without_common_stock_is_not_out_of_date(tmp_path: Path):
    """The count of the Ownership sheet is what its formula gives in every program."""
    folder = write(tmp_path, [*PEOPLE, preferred("1", "1"), stock("ps-1", "fund", "5", of="seed")])
    target = tmp_path / "cap.xlsx"
    result = CliRunner().invoke(main, ["import-ocf", str(folder), "-o", str(target)])
    assert target.exists(), result.output
    [checked] = check_all([target]).workbooks
    assert [f.message for f in checked.findings if f.code.startswith("MDL")] == []


QUANTITY = st.decimals(Decimal("0.01"), 1_000_000, places=2)


@st.composite
def histories(draw: st.DrawFn) -> tuple[list[Item], dict[str, Fraction]]:
    """Issuances, transfers, splits and cancellations, beside an oracle that keeps the books."""
    day = date(2020, 1, 1)
    items: list[Item] = []
    live: dict[str, tuple[str, Fraction]] = {}
    for step in range(draw(st.integers(1, 12))):
        day += timedelta(days=1)
        action = draw(st.sampled_from(("issue", "transfer", "cancel", "split")))
        if action == "split":
            numerator = draw(st.integers(1, 5))
            if any((q * numerator / 2 * 10**10).denominator != 1 for _, q in live.values()):
                continue
            ratio = {"numerator": str(numerator), "denominator": "2"}
            items.append(
                tx("STOCK_CLASS_SPLIT", str(day), stock_class_id="common", split_ratio=ratio)
            )
            live = {k: (who, q * numerator / 2) for k, (who, q) in live.items()}
        elif action == "issue" or not live:
            who, quantity = draw(st.sampled_from(("ann", "bob"))), draw(QUANTITY)
            items.append(stock(f"s{step}", who, str(quantity), str(day)))
            live[f"s{step}"] = (who, Fraction(quantity))
        else:
            key = draw(st.sampled_from(sorted(live)))
            who, whole = live[key]
            part = whole * draw(st.integers(1, 4)) / 4
            if (part * 10**10).denominator != 1:
                continue
            del live[key]
            more: Item = {}
            if part < whole:
                more["balance_security_id"] = f"b{step}"
                items.append(stock(f"b{step}", who, exact(whole - part), str(day)))
                live[f"b{step}"] = (who, whole - part)
            if action == "transfer":
                more["resulting_security_ids"] = [f"t{step}"]
                items.append(stock(f"t{step}", "fund", exact(part), str(day)))
                live[f"t{step}"] = ("fund", part)
            kind = "STOCK_TRANSFER" if action == "transfer" else "STOCK_CANCELLATION"
            items.append(tx(kind, str(day), security_id=key, quantity=exact(part), **more))
    books: dict[str, Fraction] = defaultdict(Fraction)
    for who, quantity in live.values():
        books[who] += quantity
    return items, books


def exact(number: Fraction) -> str:
    whole, rest = divmod(number * 10**10, 10**10)
    return f"{int(whole)}.{int(rest):010d}"


@given(histories())
def test_positions_are_those_of_the_books(history: tuple[list[Item], dict[str, Fraction]]):
    items, books = history
    with TemporaryDirectory() as folder:
        table = read_ocf(write(Path(folder), [*PEOPLE, common(), *items]))
    found: dict[str, Fraction] = defaultdict(Fraction)
    for security in table.live:
        assert security.quantity is not None
        found[security.item["stakeholder_id"]] += Fraction(security.quantity)
    assert found == books
    assert all("check them" in str(remark) for remark in table.remarks)
