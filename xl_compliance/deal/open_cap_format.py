"""Open Cap Table Format: a set of files read into positions, and those into the input workbook.

The transactions are replayed in the order of their dates up to the day of the manifest. What
cancels, converts, exercises, transfers, repurchases, reissues, releases or retracts a security ends
it, and what goes on has an issuance of its own: the format's rule for terminal transactions. On one
day a split comes first, then issuances, then what is done to securities. Quantities are exact; one
that the files do not settle stays blank.

Whatever is not understood, does not fit together or is left out is a `Remark` with file and id.
Facts of the format: the public schema of the Open Cap Table Coalition, version 1.2.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from decimal import Decimal
from fractions import Fraction
from pathlib import Path, PurePosixPath
from typing import Any, Final

from xl_compliance.deal.evaluation import folded
from xl_compliance.deal.files import UnreadableFile
from xl_compliance.deal.open_cap_fields import (
    Unclear,
    day_of,
    fixed_amount_of,
    ids_of,
    money_of,
    quantity_of,
    ratio_of,
)
from xl_compliance.deal.packages import files_of
from xl_compliance.rules.exact import (
    Exact,
    exactly,
    minus,
    plain,
    quotient,
    times,
    total,
)

EXPECTED: Final = "a folder or zip of Open Cap Table Format files (.json)"
MANIFEST: Final = "OCF_MANIFEST_FILE"

# Objects that bear neither on a position nor on what a workbook asks for.
_ASIDE: Final = frozenset(
    {
        "STOCK_LEGEND_TEMPLATE",
        "VALUATION",
        "FINANCING",
        "DOCUMENT",
        "CE_STAKEHOLDER_RELATIONSHIP",
        "CE_STAKEHOLDER_STATUS",
        "TX_ISSUER_AUTHORIZED_SHARES_ADJUSTMENT",
        "TX_STOCK_CLASS_AUTHORIZED_SHARES_ADJUSTMENT",
        "TX_STOCK_PLAN_POOL_ADJUSTMENT",
        "TX_STOCK_PLAN_RETURN_TO_POOL",
        "TX_STOCK_ACCEPTANCE",
        "TX_CONVERTIBLE_ACCEPTANCE",
        "TX_WARRANT_ACCEPTANCE",
        "TX_EQUITY_COMPENSATION_ACCEPTANCE",
    }
)
_THINGS: Final = frozenset({"STAKEHOLDER", "STOCK_CLASS", "STOCK_PLAN", "VESTING_TERMS"})
_VESTING: Final = frozenset({"TX_VESTING_START", "TX_VESTING_EVENT", "TX_VESTING_ACCELERATION"})
_FAMILIES: Final = {
    "TX_STOCK_": "stock",
    "TX_CONVERTIBLE_": "convertible",
    "TX_WARRANT_": "warrant",
    "TX_EQUITY_COMPENSATION_": "award",
}
_ENDS: Final[Mapping[str, frozenset[str]]] = {
    "stock": frozenset(
        {"CANCELLATION", "CONVERSION", "REPURCHASE", "REISSUANCE", "TRANSFER", "RETRACTION"}
    ),
    "convertible": frozenset({"CANCELLATION", "CONVERSION", "TRANSFER", "RETRACTION"}),
    "warrant": frozenset({"CANCELLATION", "EXERCISE", "TRANSFER", "RETRACTION"}),
    "award": frozenset({"CANCELLATION", "EXERCISE", "RELEASE", "TRANSFER", "RETRACTION"}),
}
# Neither has a field for the security that holds the rest, so the rest goes on under its own id.
_REST_STAYS: Final = ("EXERCISE", "RELEASE")
_MAY_BE_ALL: Final = (("convertible", "CONVERSION"), ("warrant", "EXERCISE"))
_ALL_OF_IT: Final = ("REISSUANCE", "RETRACTION")
_TEN_PLACES: Final = 10**10


@dataclass(frozen=True, slots=True)
class Remark:
    """Something in the files that a person should know: where, which object, and what."""

    file: str
    id: str
    text: str

    def __str__(self) -> str:
        return f"{self.file}: {self.id}: {self.text}" if self.id else f"{self.file}: {self.text}"


@dataclass(frozen=True, slots=True)
class Security:
    """A security as issued and as it stands: `quantity` None where the files do not settle it.

    For a convertible it is the amount invested; for a warrant or an award, shares.
    """

    family: str
    item: Mapping[str, Any]
    file: str
    issued: date
    quantity: Exact | None
    exercise_price: Exact | None = None
    used: Exact = 0

    @property
    def id(self) -> str:
        """What other transactions call it by."""
        return str(self.item["security_id"])

    @property
    def label(self) -> str:
        """The number that people know it by, or its id."""
        return str(self.item.get("custom_id") or self.id)


@dataclass(frozen=True, slots=True)
class CapTable:
    """What an Open Cap Table file set says on its day."""

    issuer: str | None
    as_of: date | None
    stakeholders: Mapping[str, str]
    classes: Mapping[str, Mapping[str, Any]]
    ratios: Mapping[str, Mapping[str, Any]]
    plans: Mapping[str, Mapping[str, Any]]
    live: Sequence[Security]
    issued: Sequence[Security]
    splits: Sequence[tuple[str, date, Exact]]
    parents: Mapping[str, str]
    remarks: Sequence[Remark]


@exactly
def read_ocf(path: str | Path) -> CapTable:
    """The cap table in a folder or zip; raises `UnreadableFile` where there is none."""
    path = Path(path)
    files = files_of(path, ".json", EXPECTED)
    return _Reading(path, files).table()


# ---------------------------------------------------------------- files and objects


@dataclass
class _Reading:
    """Reads the files, then replays the transactions."""

    path: Path
    files: Mapping[str, bytes]
    remarks: list[Remark] = field(default_factory=list)
    things: dict[str, dict[str, Mapping[str, Any]]] = field(
        default_factory=lambda: defaultdict(dict)
    )
    transactions: list[tuple[date, int, str, Mapping[str, Any]]] = field(default_factory=list)
    aside: Counter[tuple[str, str]] = field(default_factory=Counter)
    seen: set[tuple[str, str]] = field(default_factory=set)

    def table(self) -> CapTable:
        documents = dict(self._documents())
        manifests = [n for n, d in documents.items() if d.get("file_type") == MANIFEST]
        issuer, as_of, names = self._manifest(manifests, documents)
        for name in names:
            self._items(name, documents[name])
        if not self.things["STOCK_CLASS"] and not self.transactions:
            said = "no stock class and no transaction is in it"
            raise UnreadableFile(self.path, "", said, EXPECTED, "Name the folder of the manifest")
        for (name, kind), count in self.aside.items():
            self.say(name, "", f"{count} of {kind}: no bearing on positions, left out")
        replay = _Replay(self, as_of)
        replay.run()
        return CapTable(
            issuer,
            as_of,
            self._stakeholders(),
            self.things["STOCK_CLASS"],
            replay.ratios,
            self.things["STOCK_PLAN"],
            tuple(replay.live.values()),
            tuple(replay.issued),
            tuple(replay.splits),
            replay.parents,
            tuple(dict.fromkeys(self.remarks)),
        )

    def say(self, file: str, key: str, text: str) -> None:
        self.remarks.append(Remark(file, key, text))

    def _documents(self) -> Iterator[tuple[str, Mapping[str, Any]]]:
        for name, content in self.files.items():
            try:
                document = json.loads(content.decode("utf-8-sig"), parse_float=Decimal)
            except (ValueError, RecursionError) as problem:
                raise UnreadableFile(
                    self.path,
                    name,
                    f"it is no JSON ({problem})",
                    "JSON in UTF-8",
                    "Export the files again",
                ) from None
            if isinstance(document, dict) and "file_type" in document:
                yield name, document
            else:
                self.say(name, "", "no Open Cap Table file (it has no file_type), left out")

    def _manifest(
        self, manifests: Sequence[str], documents: Mapping[str, Mapping[str, Any]]
    ) -> tuple[str | None, date | None, list[str]]:
        if len(manifests) > 1:
            said = f"{len(manifests)} manifests: {', '.join(manifests)}"
            raise UnreadableFile(self.path, "", said, "one manifest", "Name one file set's folder")
        if not manifests:
            self.say(
                self.path.name,
                "",
                "no manifest: issuer and day are unknown, and every file found is read",
            )
            return None, None, list(documents)
        name = manifests[0]
        manifest = documents[name]
        listed = list(self._listed(name, manifest))
        for other in documents.keys() - {name, *listed}:
            self.say(other, "", "not listed in the manifest, left out")
        issuer = manifest.get("issuer")
        legal = issuer.get("legal_name") if isinstance(issuer, Mapping) else None
        try:
            as_of = day_of(manifest, "as_of")
        except Unclear as problem:
            self.say(name, "", f"{problem}; every transaction is counted")
            as_of = None
        return legal, as_of, [found for found in listed if found in documents]

    def _listed(self, name: str, manifest: Mapping[str, Any]) -> Iterator[str]:
        base = PurePosixPath(name).parent
        for key, entries in manifest.items():
            for entry in entries if key.endswith("_files") and isinstance(entries, list) else ():
                stated = str(entry.get("filepath", "")) if isinstance(entry, Mapping) else ""
                found = (base / PurePosixPath(stated)).as_posix()
                if found not in self.files:
                    self.say(name, "", f'{key}: the file "{stated}" is not there')
                    continue
                digest = hashlib.md5(self.files[found], usedforsecurity=False).hexdigest()
                if entry.get("md5") not in (None, digest):
                    self.say(found, "", "not as the manifest's md5 has it: changed since?")
                yield found

    def _items(self, name: str, document: Mapping[str, Any]) -> None:
        items = document.get("items")
        if not isinstance(items, list):
            self.say(name, "", 'it has no list "items"')
            return
        for number, item in enumerate(items, 1):
            if not isinstance(item, Mapping) or not item.get("id"):
                self.say(name, f"item {number}", "no object with an id, left out")
                continue
            # The older names of equity compensation mean the same.
            kind = str(item.get("object_type", "")).replace(
                "TX_PLAN_SECURITY_", "TX_EQUITY_COMPENSATION_"
            )
            self._item(name, kind, item)

    def _item(self, name: str, kind: str, item: Mapping[str, Any]) -> None:
        key = str(item["id"])
        if (kind, key) in self.seen:
            self.say(name, key, f"a second {kind} of this id, left out")
            return
        self.seen.add((kind, key))
        if kind in _THINGS:
            self.things[kind][key] = item
        elif kind in _ASIDE:
            self.aside[name, kind] += 1
        elif not kind.startswith("TX_"):
            self.say(name, key, f'object type "{kind}" is not known, left out')
        else:
            try:
                day = day_of(item, "date")
            except Unclear as problem:
                self.say(name, key, f"{kind}: {problem}; left out")
                return
            self.transactions.append(
                (day, len(self.transactions), name, {**item, "object_type": kind})
            )

    def _stakeholders(self) -> dict[str, str]:
        names = {}
        for key, item in self.things["STAKEHOLDER"].items():
            name = item.get("name")
            legal = name.get("legal_name") if isinstance(name, Mapping) else None
            names[key] = " ".join(str(legal or key).split())
        counts = Counter(map(folded, names.values()))
        return {
            key: name if counts[folded(name)] == 1 else f"{name} ({key})"
            for key, name in names.items()
        }


# ---------------------------------------------------------------- transactions


class _Replay:
    """Applies the transactions one by one."""

    def __init__(self, reading: _Reading, as_of: date | None) -> None:
        self._reading = reading
        self._as_of = as_of
        self.live: dict[str, Security] = {}
        self.issued: list[Security] = []
        self._ended: dict[str, str] = {}
        self.ratios: dict[str, Mapping[str, Any]] = {}
        self._issuances: dict[str, Mapping[str, Any]] = {}
        self.parents: dict[str, str] = {}
        self.splits: list[tuple[str, date, Exact]] = []

    def run(self) -> None:
        ordered = sorted(self._reading.transactions, key=lambda entry: entry[:2])
        for _, _, file, item in ordered:
            self._first_look(file, item)
        # Within a day, securities are issued before anything is done to them; a split comes first.
        ordered.sort(key=lambda entry: (entry[0], _turn(entry[3]), entry[1]))
        for day, _, file, item in ordered:
            if self._as_of is not None and day > self._as_of:
                self._say(file, item, f"dated {day}, after the manifest's {self._as_of}, left out")
                continue
            try:
                self._apply(day, file, item)
            except Unclear as problem:
                self._say(file, item, f"{problem}; left out")

    def _say(self, file: str, item: Mapping[str, Any], text: str) -> None:
        self._reading.say(file, str(item["id"]), f"{item['object_type']}: {text}")

    def _first_look(self, file: str, item: Mapping[str, Any]) -> None:
        above = [str(item.get("security_id") or ""), *ids_of(item, "security_ids")]
        for key in self._following(item):
            self.parents.setdefault(key, next(filter(None, above), ""))
        if item["object_type"].endswith("_ISSUANCE") and item.get("security_id"):
            self._issuances.setdefault(str(item["security_id"]), item)

    @staticmethod
    def _following(item: Mapping[str, Any]) -> list[str]:
        single = (item.get("balance_security_id"), item.get("resulting_security_id"))
        return [*ids_of(item, "resulting_security_ids"), *(str(key) for key in single if key)]

    def _apply(self, day: date, file: str, item: Mapping[str, Any]) -> None:
        kind = item["object_type"]
        if kind == "TX_STOCK_CLASS_SPLIT":
            self._split(day, file, item)
        elif kind == "TX_STOCK_CLASS_CONVERSION_RATIO_ADJUSTMENT":
            mechanism = item.get("new_ratio_conversion_mechanism")
            ratio_of(mechanism.get("ratio") if isinstance(mechanism, Mapping) else None)
            assert isinstance(mechanism, Mapping)
            self.ratios[self._class(item)] = mechanism
        elif kind == "TX_STOCK_CONSOLIDATION":
            self._linked(file, item)
            for key in ids_of(item, "security_ids"):
                self._end(file, item, key)
        elif kind == "TX_EQUITY_COMPENSATION_REPRICING":
            security = self._target(item)
            price = money_of(item, "new_exercise_price")
            self.live[security.id] = replace(security, exercise_price=price)
        elif kind in _VESTING:
            self._target(item)
        else:
            self._of_family(day, file, item)

    def _of_family(self, day: date, file: str, item: Mapping[str, Any]) -> None:
        kind = item["object_type"]
        prefix = next((p for p in _FAMILIES if kind.startswith(p)), "")
        family, action = _FAMILIES.get(prefix, ""), kind.removeprefix(prefix)
        if family and action == "ISSUANCE":
            self._issue(day, file, item, family)
        elif family and action in _ENDS[family]:
            self._terminal(file, item, family, action)
        else:
            raise Unclear("this object type is not known")

    def _class(self, item: Mapping[str, Any]) -> str:
        key = str(item.get("stock_class_id"))
        if key not in self._reading.things["STOCK_CLASS"]:
            raise Unclear(f'stock class "{key}" is not in the files')
        return key

    def _issue(self, day: date, file: str, item: Mapping[str, Any], family: str) -> None:
        key = str(item.get("security_id") or "")
        if not key:
            raise Unclear("it has no security_id")
        if key in self.live or key in self._ended:
            raise Unclear(f'security "{key}" was issued already')
        if str(item.get("stakeholder_id")) not in self._reading.things["STAKEHOLDER"]:
            said = f'stakeholder "{item.get("stakeholder_id")}" is not in the files'
            self._say(file, item, f"{said}; held under that id")
        if family == "stock":
            self._class(item)
        quantity: Exact | None
        if family == "convertible":
            quantity = money_of(item, "investment_amount")
        elif family == "warrant" and item.get("quantity") is None:
            quantity = fixed_amount_of(item.get("exercise_triggers"))
        else:
            quantity = quantity_of(item, "quantity")
        price = money_of(item, "exercise_price") if item.get("exercise_price") else None
        security = Security(family, item, file, day, quantity, price)
        self.live[key] = security
        self.issued.append(security)

    def _target(self, item: Mapping[str, Any], key: str = "") -> Security:
        key = key or str(item.get("security_id"))
        if key in self._ended:
            raise Unclear(f'security "{key}" was ended before, by {self._ended[key]}')
        if key not in self.live:
            raise Unclear(f'security "{key}" is not issued in the files')
        return self.live[key]

    def _terminal(self, file: str, item: Mapping[str, Any], family: str, action: str) -> None:
        security = self._target(item)
        if security.family != family:
            raise Unclear(f'security "{security.id}" is a {security.family}')
        self._linked(file, item)
        amount = _amount(item, action)
        balance = str(item.get("balance_security_id") or "")
        held = security.quantity
        if amount is None and action not in _ALL_OF_IT and (family, action) not in _MAY_BE_ALL:
            self._say(file, item, "no quantity is stated; taken as all of the security")
        if amount is not None and held is None and not balance:
            self._say(file, item, f'what is left of security "{security.id}" is not settled')
            return
        if amount is None or held is None:
            self._end(file, item, security.id)
            return
        if amount > held:
            self._say(file, item, f"{plain(amount)} of {plain(held)}; the security ends")
        rest = minus(held, amount) if amount < held else 0
        stays = rest and not balance
        if stays:
            left = replace(security, quantity=rest, used=total([security.used, amount]))
            self.live[security.id] = left
            if action not in _REST_STAYS:
                said = f"{plain(amount)} of {plain(held)}, and no balance_security_id"
                self._say(file, item, f"{said}; the rest, {plain(rest)}, stays under its id")
        else:
            self._end(file, item, security.id)
        if balance:
            self._ties(file, item, "the balance", [balance], rest)
        if action == "TRANSFER":
            self._ties(file, item, "what results", ids_of(item, "resulting_security_ids"), amount)

    def _ties(
        self, file: str, item: Mapping[str, Any], what: str, ids: Iterable[str], wanted: Exact
    ) -> None:
        parts = []
        for security in ids:
            issuance = self._issuances.get(security)
            if issuance is None:
                return
            key = "investment_amount" if "investment_amount" in issuance else "quantity"
            reader = money_of if key == "investment_amount" else quantity_of
            parts.append(reader(issuance, key))
        if total(parts) != wanted:
            said = f"{what} comes to {plain(total(parts))}, {plain(wanted)} follows"
            self._say(file, item, f"{said}; the issuances are counted")

    def _linked(self, file: str, item: Mapping[str, Any]) -> None:
        for key in self._following(item):
            if key not in self._issuances:
                self._say(file, item, f'security "{key}" has no issuance in the files')

    def _end(self, file: str, item: Mapping[str, Any], key: str) -> None:
        try:
            self._target(item, key)
        except Unclear as problem:
            self._say(file, item, str(problem))
            return
        del self.live[key]
        self._ended[key] = f"{item['object_type']} {item['id']}"

    def _split(self, day: date, file: str, item: Mapping[str, Any]) -> None:
        target, ratio = self._class(item), ratio_of(item.get("split_ratio"))
        if ratio == 0:
            raise Unclear("the split ratio is 0")
        for key, security in list(self.live.items()):
            stock = security.family == "stock" and str(security.item["stock_class_id"]) == target
            if not stock:
                continue
            quantity = security.quantity
            after = None if quantity is None else _whole_decimal(times(quantity, ratio))
            if after is None:
                self._say(
                    file,
                    item,
                    f'security "{key}" would have a fraction without end; the format does not say '
                    "what becomes of it, its quantity stays blank",
                )
            self.live[key] = replace(security, quantity=after)
        self._say(
            file,
            item,
            "applied to the stock issued before that day; whether options, warrants and conversion "
            "ratios follow is not in the format: they stay as stated, check them",
        )
        self.splits.append((target, day, ratio))


def _turn(item: Mapping[str, Any]) -> int:
    kind = item["object_type"]
    if kind == "TX_STOCK_CLASS_SPLIT":
        return 0
    return 1 if kind.endswith("_ISSUANCE") else 2


def _amount(item: Mapping[str, Any], action: str) -> Exact | None:
    """How much of the security it is about; None for all of it."""
    if action == "CONVERSION":
        key = "quantity_converted"
        return quantity_of(item, key) if item.get(key) is not None else None
    if item.get("amount") is not None:
        return money_of(item, "amount")
    return quantity_of(item, "quantity") if item.get("quantity") is not None else None


def _whole_decimal(number: Exact) -> Exact | None:
    """The number where it has at most ten decimals, as the format's numbers have."""
    scaled = times(number, _TEN_PLACES)
    whole = Fraction(scaled)
    if whole.denominator != 1:
        return None
    return quotient(whole.numerator, _TEN_PLACES)
