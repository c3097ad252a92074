"""Every check: a stable code, a documented purpose and a source; its cases are in the corpus."""

from __future__ import annotations

import re
from dataclasses import fields

import pytest

from xl_compliance.checks.registry import all_checks
from xl_compliance.deal.reading import RECORDS
from xl_compliance.workbook.input_sheets import ALL_TABLES

CODES = [check.code for check in all_checks()]


@pytest.mark.parametrize("check", all_checks(), ids=CODES)
def test_check_is_described(check):
    assert re.fullmatch(r"[A-Z]{3}\d{3}", check.code)
    assert check.title
    assert check.source
    assert check.about
    assert check.to_do.endswith("."), "what to do about it"


@pytest.mark.parametrize("table", ALL_TABLES, ids=lambda table: table.name)
def test_a_record_has_the_fields_of_its_table(table):
    keys = [entry.key for entry in table.entries]
    assert [field.name for field in fields(RECORDS[table.name])] == keys
