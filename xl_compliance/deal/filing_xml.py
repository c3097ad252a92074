"""A structured Schedule 13D or 13G: from its XML to the input workbook, and back.

What the cover page states goes to the Filing and Deal sheets, where the checks read it. Every other
element goes to the Submission sheet by its path, so that the way back gives the same data. What can
be carried in neither is told by name.

The elements, their order, lengths and which are mandatory stand in `filing_elements.toml`, from the
EDGAR Schedule 13D and 13G XML Technical Specification, version 1.0 (December 2023). What is beyond
it is known from filings only: the namespaces differ in letter case (`schedule13D`, `schedule13g`),
dates are written 07/08/2013, and since schema version X0202 the CUSIP stands in
`issuerCusips/issuerCusipNumber`. EDGAR's codes and its own tests of a submission are not applied.
Comments and processing instructions of the XML are no data and are not kept.
"""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from functools import cache
from importlib.resources import files
from pathlib import Path
from typing import Any, Final
from xml.etree import ElementTree

from xl_compliance.deal.evaluation import folded
from xl_compliance.deal.files import UnreadableFile, content_of
from xl_compliance.deal.filing_form import form_of
from xl_compliance.deal.model import CoverRows, Deal, Input
from xl_compliance.rules.exact import Exact, from_number, plain, times
from xl_compliance.workbook.cached_values import LONGEST_TEXT
from xl_compliance.workbook.expressions import Value
from xl_compliance.workbook.limits import limit
from xl_compliance.workbook.template import SOURCE, Contents

EXPECTED: Final = "the XML of a Schedule 13D or 13G (edgarSubmission), such as primary_doc.xml"
COMMON: Final = "http://www.sec.gov/edgar/common"

_MOST_BYTES: Final = limit("filing_bytes").most
_MOST_ELEMENTS: Final = limit("filing_elements").most
_DEEPEST: Final = limit("filing_depth").most

_STEP: Final = re.compile(r"((?:com:)?[A-Za-z_][A-Za-z0-9_.-]*)(?:\[([1-9][0-9]{0,4})\])?")
_NUMBER: Final = re.compile(r"[0-9]*\.?[0-9]+", re.ASCII)
_DAY: Final = re.compile(r"([0-9]{2})[/-]([0-9]{2})[/-]([0-9]{4})", re.ASCII)
_CODES: Final = re.compile(r"[,;/\s]+")
_NOT_IN_XML: Final = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")

_TYPE: Final = "headerData/submissionType"
_ACCESS_CODE: Final = "headerData/filerInfo/filer/filerCredentials/ccc"
_VERSION: Final = "schemaVersion"
_NESTING_VERSION: Final = "X0202"
_AMENDMENT_NUMBER: Final = "formData/coverPageHeader/amendmentNo"
_ISSUER: Final = "formData/coverPageHeader/issuerInfo"
_CUSIPS: Final = f"{_ISSUER}/issuerCusips"
_NO_NAME: Final = "(no name)"

_POWERS: Final = ("sole_voting", "shared_voting", "sole_dispositive", "shared_dispositive")
_NUMBERS: Final = (*_POWERS, "aggregate")
_SEVERAL: Final = ("source_of_funds", "person_type")


@dataclass(frozen=True, slots=True)
class _Layout:
    """Where one of the two schedules states what the workbook has cells for."""

    letter: str
    namespace: str
    table: str
    cusip: str
    persons: str
    facts: Mapping[str, str]
    rows: Mapping[str, str]
    signer: str
    signer_name: str


_13D: Final = _Layout(
    "D",
    "http://www.sec.gov/edgar/schedule13D",
    "schedule_13d",
    f"{_ISSUER}/issuerCUSIP",
    "formData/reportingPersons/reportingPersonInfo",
    {
        "event_date": "formData/coverPageHeader/dateOfEvent",
        "issuer": f"{_ISSUER}/issuerName",
        "contact": "formData/coverPageHeader/authorizedPersons/notificationInfo/personName",
    },
    {
        "name": "reportingPersonName",
        "source_of_funds": "fundType",
        "citizenship": "citizenshipOrOrganization",
        "sole_voting": "soleVotingPower",
        "shared_voting": "sharedVotingPower",
        "sole_dispositive": "soleDispositivePower",
        "shared_dispositive": "sharedDispositivePower",
        "aggregate": "aggregateAmountOwned",
        "percent": "percentOfClass",
        "person_type": "typeOfReportingPerson",
    },
    "formData/signatureInfo/signaturePerson",
    "signatureReportingPerson",
)
_OWNED: Final = "reportingPersonBeneficiallyOwnedNumberOfShares"
_13G: Final = _Layout(
    "G",
    "http://www.sec.gov/edgar/schedule13g",
    "schedule_13g",
    f"{_ISSUER}/issuerCusip",
    "formData/coverPageHeaderReportingPersonDetails",
    {
        "event_date": "formData/coverPageHeader/eventDateRequiresFilingThisStatement",
        "issuer": f"{_ISSUER}/issuerName",
    },
    {
        "name": "reportingPersonName",
        "citizenship": "citizenshipOrOrganization",
        "sole_voting": f"{_OWNED}/soleVotingPower",
        "shared_voting": f"{_OWNED}/sharedVotingPower",
        "sole_dispositive": f"{_OWNED}/soleDispositivePower",
        "shared_dispositive": f"{_OWNED}/sharedDispositivePower",
        "aggregate": "reportingPersonBeneficiallyOwnedAggregateNumberOfShares",
        "percent": "classPercent",
        "person_type": "typeOfReportingPerson",
    },
    "formData/signatureInformation",
    "reportingPersonName",
)
_LAYOUTS: Final = {layout.letter: layout for layout in (_13D, _13G)}


@dataclass(frozen=True, slots=True)
class Element:
    """An element without children: its path below `edgarSubmission`, and its text.

    Below a reporting person the path begins at that person, whom `person` names.
    """

    path: str
    person: str
    text: str


@dataclass(frozen=True, slots=True)
class StructuredFiling:
    """A submission: the letter of its schedule, its reporting persons, its elements in order.

    `left_out` names what could not be taken over, and why.
    """

    letter: str
    persons: tuple[str, ...]
    elements: tuple[Element, ...]
    left_out: tuple[str, ...] = ()

    def text(self, path: str, person: str = "") -> str | None:
        """The text of one element, or None where there is no such element."""
        wanted = (path, person)
        return next((e.text for e in self.elements if (e.path, e.person) == wanted), None)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of the table of elements."""

    path: str
    initial: str
    amendment: str
    most: int | None

    @property
    def steps(self) -> list[str]:
        return self.path.split("/")


@cache
def _table(name: str) -> tuple[_Line, ...]:
    text = files("xl_compliance.deal").joinpath("filing_elements.toml").read_text("utf-8")
    lines = []
    for line in tomllib.loads(text)[name].split("\n"):
        if line:
            initial, amendment, most, path = line.split(" ")
            lines.append(_Line(path, initial, amendment, None if most == "-" else int(most)))
    return tuple(lines)


@cache
def _ranks(name: str) -> dict[str, int]:
    """The place of every element and container in the sequence."""
    ranks: dict[str, int] = {}
    for line in _table(name):
        steps = [step.rstrip("?") for step in line.steps]
        for length in range(1, len(steps) + 1):
            ranks.setdefault("/".join(steps[:length]), len(ranks))
    return ranks


# ---------------------------------------------------------------- from XML


def read_filing(path: str | Path) -> StructuredFiling:
    """The submission in a file; raises `UnreadableFile` where it is none.

    Line ends are read as one character and white space around a text is dropped.
    """
    path = Path(path)
    # The document is often cut out of the full submission, with the line end before it.
    root = _root(path, content_of(path, _MOST_BYTES, EXPECTED).lstrip())
    namespace, _, name = root.tag.removeprefix("{").rpartition("}")
    layout = next(
        (known for known in (_13D, _13G) if known.namespace.lower() == namespace.lower()), None
    )
    if name != "edgarSubmission" or layout is None:
        remedy = "Save the filing's primary XML document, not the page or the text made from it"
        said = f'the file begins with "{name}" in the namespace "{namespace}"'
        raise UnreadableFile(path, "", said, EXPECTED, remedy)
    walk = _Walk(path, namespace, layout)
    walk.into(root, (), 0)
    filing = walk.filing()
    _form(path, filing, layout)
    return filing


def _root(path: Path, content: bytes) -> ElementTree.Element:
    from defusedxml import DefusedXmlException
    from defusedxml.ElementTree import fromstring

    try:
        root: ElementTree.Element = fromstring(content, forbid_dtd=True)
        return root
    except DefusedXmlException:
        said, remedy = "it declares a document type or entities", "Remove the declaration"
    except ElementTree.ParseError as problem:
        line, column = problem.position
        said = f"it is no well-formed XML: line {line}, column {column + 1}, {problem.msg}"
        remedy = "Save it again from EDGAR"
    except (LookupError, ValueError) as problem:
        said, remedy = f"its encoding cannot be read ({problem})", "Save it as UTF-8"
    raise UnreadableFile(path, "", said, EXPECTED, remedy)


def _form(path: Path, filing: StructuredFiling, layout: _Layout) -> None:
    form = filing.text(_TYPE)
    if form not in (f"SCHEDULE 13{layout.letter}", f"SCHEDULE 13{layout.letter}/A"):
        expected = f"SCHEDULE 13{layout.letter} or SCHEDULE 13{layout.letter}/A, as the namespace"
        said = "it is missing" if form is None else f'"{form}"'
        raise UnreadableFile(path, _TYPE, said, expected, "Correct the element or the namespace")


class _Walk:
    """Goes through the XML and collects its elements."""

    def __init__(self, path: Path, namespace: str, layout: _Layout) -> None:
        self._path = path
        self._namespaces = {namespace: "", COMMON: "com:"}
        self._layout = layout
        self._found: list[tuple[tuple[str, ...], str]] = []
        self._left_out: list[str] = []

    def into(self, node: ElementTree.Element, steps: tuple[str, ...], depth: int) -> None:
        where = "/".join(steps) or "edgarSubmission"
        if depth > _DEEPEST or len(self._found) > _MOST_ELEMENTS:
            said = "elements within elements go too deep" if depth > _DEEPEST else "too many"
            expected = f"at most {_MOST_ELEMENTS:,} elements, {_DEEPEST} deep"
            raise UnreadableFile(
                self._path, where, said, expected, "Check that it is the right file"
            )
        for attribute, value in node.attrib.items():
            self._left_out.append(f'{where}: attribute {_local(attribute)} = "{value}"')
        children = list(node)
        if not children:
            self._take(steps, _tidy(node.text))
            return
        loose = [node.text, *(child.tail for child in children)]
        for text in filter(None, map(_tidy, loose)):
            self._left_out.append(f'{where}: text beside elements, "{_short(text)}"')
        counts: Counter[str] = Counter()
        for child in children:
            namespace, _, local = child.tag.removeprefix("{").rpartition("}")
            prefix = self._namespaces.get(namespace)
            if prefix is None or not _STEP.fullmatch(prefix + local):
                said = f'{where}/{local}: in the namespace "{namespace}", which is not EDGAR\'s'
                self._left_out.append(said)
                continue
            counts[local] += 1
            self.into(child, (*steps, _step(prefix + local, counts[local])), depth + 1)

    def _take(self, steps: tuple[str, ...], text: str) -> None:
        path = "/".join(steps)
        if path == _ACCESS_CODE:
            self._left_out.append(f"{path}: an access code is never stored in a workbook")
        elif len(text) > LONGEST_TEXT:
            self._left_out.append(
                f"{path}: {len(text):,} characters, a cell takes {LONGEST_TEXT:,}"
            )
        else:
            self._found.append((steps, text))

    def filing(self) -> StructuredFiling:
        block = self._layout.persons.split("/")
        persons: dict[str, list[tuple[str, str]]] = {}
        placed: list[tuple[str, str, str]] = []
        for steps, text in self._found:
            head = [_plain(step) for step in steps[: len(block)]]
            if head == block and len(steps) > len(block):
                number, rest = "/".join(steps[: len(block)]), "/".join(steps[len(block) :])
                persons.setdefault(number, []).append((rest, text))
                placed.append((rest, number, text))
            else:
                placed.append(("/".join(steps), "", text))
        named = [dict(found).get(self._layout.rows["name"]) for found in persons.values()]
        labels = dict(zip(persons, _labels(named), strict=True))
        elements = tuple(Element(path, labels.get(at, ""), text) for path, at, text in placed)
        known = _ranks(self._layout.table)
        for path in dict.fromkeys(_generic(self._layout, element) for element in elements):
            if path not in known:
                self._left_out.append(
                    f"{path}: not in the specification; kept on Submission as it stands"
                )
        return StructuredFiling(
            self._layout.letter, tuple(labels.values()), elements, tuple(self._left_out)
        )


def _labels(names: Sequence[str | None]) -> list[str]:
    """The persons' names, a second of the same name marked [2]."""
    seen: Counter[str] = Counter()
    labels = []
    for name in names:
        label = " ".join((name or _NO_NAME).split())
        seen[folded(label)] += 1
        number = seen[folded(label)]
        labels.append(label if number == 1 else f"{label} [{number}]")
    return labels


def _generic(layout: _Layout, element: Element) -> str:
    """The path without numbers, from the top."""
    path = "/".join(_plain(step) for step in element.path.split("/"))
    return f"{layout.persons}/{path}" if element.person else path


def _step(name: str, number: int) -> str:
    return name if number == 1 else f"{name}[{number}]"


def _plain(step: str) -> str:
    return step.partition("[")[0]


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _tidy(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").replace("\r", "\n").strip()


def _short(text: str) -> str:
    return text if len(text) <= 60 else f"{text[:57]}..."


# ---------------------------------------------------------------- to the workbook


def contents_of(filing: StructuredFiling, file_name: str) -> tuple[Contents, tuple[str, ...]]:
    """What the input workbook holds of a filing, and what could not be read into its cell.

    The text of such an element stays on Submission, and its cell stays blank.
    """
    return _Import(filing, file_name).contents()


class _Import:
    """Moves elements to cells; what is not moved stays for Submission."""

    def __init__(self, filing: StructuredFiling, file_name: str) -> None:
        self._layout = _LAYOUTS[filing.letter]
        self._filing = filing
        self._file = file_name
        self._rest = {(e.path, e.person): e.text for e in filing.elements}
        self._notes: list[str] = []
        self._sources: dict[str, str] = {}

    def contents(self) -> tuple[Contents, tuple[str, ...]]:
        facts = self._facts()
        persons = [self._person(label) for label in self._filing.persons]
        self._signatures(persons)
        submission: list[dict[str, Value]] = [
            {"element": path, "person": person or None, "text": text or None}
            for (path, person), text in self._rest.items()
        ]
        rows = {"Filing": persons, "Submission": submission}
        return Contents(facts, rows, self._sources), tuple(self._notes)

    def _facts(self) -> dict[str, Value]:
        facts: dict[str, Value] = {"form": self._form()}
        self._sources["form"] = f"{self._file}: submissionType"
        self._fact(facts, "filing_cusip", self._cusip_path())
        for key, path in self._layout.facts.items():
            self._fact(facts, key, path)
        return facts

    def _fact(self, facts: dict[str, Value], key: str, path: str) -> None:
        value = self._moved(key, path, "")
        if value is not None:
            facts[key] = value
            self._sources[key] = path.rpartition("/")[2]

    def _form(self) -> str:
        form = self._rest.pop((_TYPE, ""))
        number = self._rest.get((_AMENDMENT_NUMBER, ""), "")
        if form.endswith("/A") and re.fullmatch(r"[0-9A-Za-z]+", number):
            del self._rest[_AMENDMENT_NUMBER, ""]
            return f"{form} (Amendment No. {number})"
        return form

    def _cusip_path(self) -> str:
        nested = f"{_CUSIPS}/issuerCusipNumber"
        if (nested, "") not in self._rest:
            return self._layout.cusip
        if not _nests(self._filing.text(_VERSION)):
            self._rest[_CUSIPS, ""] = ""
        return nested

    def _person(self, label: str) -> dict[str, Value]:
        row: dict[str, Value] = {SOURCE: self._layout.persons.rpartition("/")[2]}
        for key, path in self._layout.rows.items():
            value = self._codes(path, label) if key in _SEVERAL else self._moved(key, path, label)
            if value is not None:
                row[key] = value
        return row

    def _codes(self, path: str, label: str) -> str | None:
        """Several codes in one cell, where each is one: otherwise they stay."""
        places = [(path, label)]
        while (_step(path, len(places) + 1), label) in self._rest:
            places.append((_step(path, len(places) + 1), label))
        codes = [self._rest.get(place, "") for place in places]
        if not all(codes) or any(_CODES.search(code) for code in codes):
            return None
        for place in places:
            del self._rest[place]
        return ", ".join(codes)

    def _moved(self, key: str, path: str, label: str) -> Value:
        text = self._rest.get((path, label))
        if not text:
            return None
        value, expected = _cell_value(key, text)
        if value is None:
            whose = f"{label}: " if label else ""
            self._notes.append(
                f'{whose}{path}: "{_short(text)}" was read, {expected} expected; its cell stays '
                "blank and the text stands on Submission"
            )
            return None
        del self._rest[path, label]
        return value

    def _signatures(self, persons: Sequence[dict[str, Value]]) -> None:
        rows = {folded(str(row.get("name", ""))): row for row in reversed(persons)}
        for block, name in _signers(self._layout, self._rest):
            row = rows.get(folded(name))
            place = (f"{block}/signatureDetails/signature", "")
            if row is not None and "signature" not in row and self._rest.get(place):
                row["signature"] = self._rest.pop(place)


def _signers(layout: _Layout, texts: Mapping[tuple[str, str], str]) -> Iterator[tuple[str, str]]:
    """The blocks of signatures with the person each is for."""
    block = re.compile(rf"({re.escape(layout.signer)}(?:\[[0-9]+\])?)/{layout.signer_name}")
    for (path, person), text in list(texts.items()):
        match = block.fullmatch(path)
        if match and not person:
            yield match[1], text


def _nests(version: str | None) -> bool:
    return (version or "") >= _NESTING_VERSION


def _cell_value(key: str, text: str) -> tuple[Value, str]:
    """The value for a cell, or None with what was expected."""
    if key == "event_date":
        return _day(text), "a date such as 07/08/2013"
    if key == "percent":
        return _number(text, -2), "a percentage such as 36.2"
    if key in _NUMBERS:
        return _number(text, 0), "a number of shares of at most 15 digits such as 2870756.00"
    return text, "a text"


def _day(text: str) -> date | None:
    match = _DAY.fullmatch(text)
    try:
        return date(int(match[3]), int(match[1]), int(match[2])) if match else None
    except ValueError:
        return None


def _number(text: str, places: int) -> int | float | None:
    """The number for a cell where a cell holds it exactly."""
    if not _NUMBER.fullmatch(text):
        return None
    number = Decimal(text).scaleb(places)
    value = int(number) if number == number.to_integral_value() else float(number)
    try:
        return value if from_number(value) == number else None
    except ValueError:
        return None


# ---------------------------------------------------------------- from the workbook


def filing_of(deal: Deal) -> StructuredFiling:
    """The submission that a workbook states: Submission, and over it the cells of Filing and Deal.

    Raises `UnreadableFile` where the form, or the path of an element, cannot be made out.
    """
    return _Export(deal).filing()


@dataclass
class _Export:
    """Puts elements together from the sheets."""

    deal: Deal
    texts: dict[tuple[str, str], str] = field(default_factory=dict)
    left_out: list[str] = field(default_factory=list)

    def filing(self) -> StructuredFiling:
        letter, form, amendment = self._form()
        layout = _LAYOUTS[letter]
        labels = _labels([row.name.value for row in self.deal.filing])
        self._submission(labels)
        self.texts[_TYPE, ""] = form
        if amendment:
            self.texts[_AMENDMENT_NUMBER, ""] = amendment
        self._facts(layout)
        for label, row in zip(labels, self.deal.filing, strict=True):
            self._person(layout, label, row)
        for row in self.deal.filing:
            self._signature(layout, row)
        elements = tuple(Element(path, who, text) for (path, who), text in self.texts.items())
        return StructuredFiling(letter, tuple(labels), elements, tuple(self.left_out))

    def _form(self) -> tuple[str, str, str]:
        place = self.deal.filing_facts.form
        form = form_of(place.value)
        if form is None:
            said = f'"{place.value}"' if place.value else "it is blank"
            raise UnreadableFile(
                self.deal.path,
                place.where,
                said,
                "a form such as SCHEDULE 13D or SCHEDULE 13D/A (Amendment No. 3)",
                "Enter the form on the Filing sheet",
            )
        amended = "/A" if form.amended else ""
        return form.letter, f"SCHEDULE 13{form.letter}{amended}", form.number

    def _submission(self, labels: Sequence[str]) -> None:
        known = {folded(label): label for label in labels}
        for row in self.deal.submission:
            path, person = self._path(row.element), row.person.value or ""
            if person and folded(person) not in known:
                said = f'{row.person.where}: "{person}" is no reporting person on Filing'
                self.left_out.append(f"{said}; {path} is left out")
                continue
            place = (path, known.get(folded(person), ""))
            if place in self.texts:
                raise UnreadableFile(
                    self.deal.path,
                    row.element.where,
                    f"{path} stands there a second time",
                    "one row an element",
                    "Number the second one, as in notificationInfo[2], or delete the row",
                )
            self.texts[place] = self._clean(row.text)

    def _path(self, place: Input[str]) -> str:
        path = place.value or ""
        steps = [_STEP.fullmatch(step) for step in path.split("/")]
        if not all(steps):
            raise UnreadableFile(
                self.deal.path,
                place.where,
                f'"{_short(path)}" is no path of an element' if path else "it is blank",
                "names of elements with / between them",
                "Correct the path or delete the row",
            )
        return "/".join(_step(step[1], int(step[2] or 1)) for step in steps if step)

    def _clean(self, place: Input[str]) -> str:
        text = _tidy(place.value)
        if _NOT_IN_XML.search(text):
            raise UnreadableFile(
                self.deal.path,
                place.where,
                "it holds a control character",
                "a text that XML can hold",
                "Type the text again",
            )
        return text

    def _facts(self, layout: _Layout) -> None:
        facts: dict[str, Input[Any]] = {
            "event_date": self.deal.filing_facts.event_date,
            "issuer": self.deal.facts.issuer,
            "contact": self.deal.filing_facts.contact,
        }
        for key, place in facts.items():
            self._put(layout, layout.facts.get(key), "", key, place)
        nested = _nests(self.texts.get((_VERSION, ""))) or any(
            path.startswith(_CUSIPS) for path, _ in self.texts
        )
        path = f"{_CUSIPS}/issuerCusipNumber" if nested else layout.cusip
        self._put(layout, path, "", "filing_cusip", self.deal.filing_facts.filing_cusip)
        self._put(layout, None, "", "", self.deal.filing_facts.filed_on)
        self._put(layout, None, "", "", self.deal.filing_facts.outstanding_stated)

    def _person(self, layout: _Layout, label: str, row: CoverRows) -> None:
        for key in _13D.rows:
            self._put(layout, layout.rows.get(key), label, key, getattr(row, key))

    def _put(
        self, layout: _Layout, path: str | None, label: str, key: str, place: Input[Any]
    ) -> None:
        if place.value is None:
            return
        if path is None:
            said = f"{place.where}: {place.label} has no element in a Schedule 13{layout.letter}"
            self.left_out.append(f"{said}; it is left out")
            return
        if key not in _SEVERAL:
            text = self._text(key, place.value) or self._clean(place)
            before = self.texts.get((path, label))
            if before and before != text:
                self.left_out.append(f'{path}: "{_short(before)}" gives way to {place.where}')
            self.texts[path, label] = text
            return
        for old in [at for at in self.texts if at[1] == label and _plain(at[0]) == path]:
            del self.texts[old]
        codes = [code for code in _CODES.split(self._clean(place)) if code]
        for number, code in enumerate(codes, 1):
            self.texts[_step(path, number), label] = code

    def _text(self, key: str, value: Any) -> str:
        if key == "event_date":
            return f"{value:%m/%d/%Y}"
        if key == "percent":
            return _with_places(times(value, 100), 1)
        return _with_places(value, 2) if key in _NUMBERS else ""

    def _signature(self, layout: _Layout, row: CoverRows) -> None:
        if row.signature.value is None:
            return
        name = " ".join((row.name.value or "").split())
        blocks = list(_signers(layout, self.texts))
        own = [block for block, signer in blocks if folded(signer) == folded(name)]
        block = own[0] if own else self._new_block(layout, name)
        self.texts[f"{block}/signatureDetails/signature", ""] = self._clean(row.signature)

    def _new_block(self, layout: _Layout, name: str) -> str:
        heads = [path[len(layout.signer) :] for path, _ in self.texts if layout.signer in path]
        numbers = [int(m[1] or 1) for m in (re.match(r"(?:\[([0-9]+)\])?/", h) for h in heads) if m]
        block = _step(layout.signer, max(numbers, default=0) + 1)
        self.texts[f"{block}/{layout.signer_name}", ""] = name
        return block


def _with_places(number: Exact, places: int) -> str:
    """The exact number with at least so many decimals."""
    whole, _, fraction = plain(number).replace(",", "").partition(".")
    return f"{whole}.{fraction.ljust(places, '0')}"


# ---------------------------------------------------------------- to XML


@dataclass
class _Node:
    """An element of the tree that is written."""

    path: str
    number: int
    person: str = ""
    text: str = ""
    children: dict[str, _Node] = field(default_factory=dict)

    def child(self, step: str) -> _Node:
        if step not in self.children:
            match = _STEP.fullmatch(step)
            assert match is not None
            path = f"{self.path}/{match[1]}" if self.path else match[1]
            self.children[step] = _Node(path, int(match[2] or 1))
        return self.children[step]

    def named(self, name: str) -> list[_Node]:
        """The children of a name, whatever their number."""
        return [node for step, node in self.children.items() if _plain(step) == name]


def _tree(filing: StructuredFiling) -> _Node:
    layout = _LAYOUTS[filing.letter]
    *above, block = layout.persons.split("/")
    root = _Node("", 1)
    blocks: dict[str, _Node] = {}
    for number, label in enumerate(filing.persons, 1):
        node = root
        for step in (*above, _step(block, number)):
            node = node.child(step)
        node.person = label
        blocks[label] = node
    for element in filing.elements:
        node = blocks[element.person] if element.person else root
        for step in element.path.split("/"):
            node = node.child(step)
        node.text = element.text
    return root


def xml_of(filing: StructuredFiling) -> bytes:
    """The submission as XML, its elements in the sequence of the specification.

    An element that the specification does not know comes last among its neighbours.
    """
    layout = _LAYOUTS[filing.letter]
    ElementTree.register_namespace("com", COMMON)
    root = ElementTree.Element(f"{{{layout.namespace}}}edgarSubmission")
    _write(_tree(filing), root, layout)
    ElementTree.indent(root)
    written = ElementTree.tostring(
        root, encoding="UTF-8", xml_declaration=True, default_namespace=layout.namespace
    )
    return bytes(written) + b"\n"


def _write(node: _Node, target: ElementTree.Element, layout: _Layout) -> None:
    ranks = _ranks(layout.table)
    ordered = sorted(
        node.children.values(), key=lambda child: (ranks.get(child.path, len(ranks)), child.number)
    )
    for child in ordered:
        name = child.path.rpartition("/")[2]
        namespace = COMMON if name.startswith("com:") else layout.namespace
        tag = f"{{{namespace}}}{name.removeprefix('com:')}"
        element = ElementTree.SubElement(target, tag)
        if child.children:
            _write(child, element, layout)
        else:
            element.text = child.text


# ---------------------------------------------------------------- what is missing


def unfilled(filing: StructuredFiling) -> tuple[str, ...]:
    """The mandatory elements that the filing lacks, and those longer than the specification allows.

    A part that is marked as not applicable needs nothing else.
    """
    layout = _LAYOUTS[filing.letter]
    amendment = (filing.text(_TYPE) or "").endswith("/A")
    root = _tree(filing)
    found: list[str] = []
    for line in _table(layout.table):
        if (line.amendment if amendment else line.initial) == "m":
            found += _missing(root, line.steps, "")
    found += _too_long(filing, layout)
    return tuple(dict.fromkeys(found))


def _missing(node: _Node, steps: Sequence[str], at: str) -> Iterator[str]:
    name, rest = steps[0].rstrip("?"), steps[1:]
    nodes = node.named(name)
    if not nodes:
        flag = node.children.get("notApplicableFlag")
        applies = flag is None or flag.text != "Y"
        nested = name.lower() == "issuercusip" and node.named("issuerCusips")
        if applies and not nested and not steps[0].endswith("?"):
            yield f"{at}{'/'.join((name, *(step.rstrip('?') for step in rest)))}: missing"
        return
    for found in nodes:
        step = f"{at}{_step(name, found.number)}"
        whose = f" ({found.person})" if found.person else ""
        if rest:
            yield from _missing(found, rest, f"{step}{whose}/")
        elif not found.text:
            yield f"{step}: empty"


def _too_long(filing: StructuredFiling, layout: _Layout) -> Iterator[str]:
    most = {line.path.replace("?", ""): line.most for line in _table(layout.table)}
    for element in filing.elements:
        path = _generic(layout, element)
        limit = most.get(path)
        if limit is not None and len(element.text) > limit:
            whose = f" for {element.person}" if element.person else ""
            yield f"{path}: {len(element.text):,} characters{whose}, {limit:,} allowed"
