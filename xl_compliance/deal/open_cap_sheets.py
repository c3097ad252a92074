"""A cap table of the Open Cap Table Format in the sheets of the input workbook.

Common stock outstanding stands on Classes, what each stakeholder holds or can acquire on Holders.
Preferred stock, convertibles and warrants stand one by one on Securities; equity compensation on
Holders only, under the class it leads to. Issuances has each issue of stock, convertibles and
warrants that is not made for another security.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from datetime import date
from fractions import Fraction
from typing import Any

from xl_compliance.deal.evaluation import folded
from xl_compliance.deal.open_cap_fields import (
    Unclear,
    day_of,
    fixed_amount_of,
    ids_of,
    money_of,
    quantity_of,
    ratio_of,
    rights_of,
)
from xl_compliance.deal.open_cap_format import CapTable, Remark, Security
from xl_compliance.rules.exact import (
    Exact,
    ceiling,
    exactly,
    floor,
    from_number,
    minus,
    plain,
    rounded_half_up,
    times,
    total,
)
from xl_compliance.workbook.expressions import Value
from xl_compliance.workbook.template import SOURCE, Contents


@exactly
def contents_of(table: CapTable) -> tuple[Contents, tuple[Remark, ...]]:
    """What the input workbook holds of a cap table, and what its cells could not take."""
    sheets = _Sheets(table)
    return sheets.contents(), tuple(dict.fromkeys(sheets.remarks))


_Row = dict[str, Value]


class _Sheets:
    """Turns live securities into rows."""

    def __init__(self, table: CapTable) -> None:
        self._table = table
        self.remarks: list[Remark] = []
        self._rows: dict[str, list[_Row]] = {
            name: [] for name in ("Classes", "Securities", "Holders", "Issuances")
        }
        self._held: dict[tuple[str, str], list[Security]] = defaultdict(list)
        self._by_id = {security.id: security for security in table.issued}
        self._names: Counter[str] = Counter()
        names = [str(item.get("name") or key) for key, item in table.classes.items()]
        twice = Counter(map(folded, names))
        self._class_names = {
            key: name if twice[folded(name)] == 1 else f"{name} ({key})"
            for key, name in zip(table.classes, names, strict=True)
        }

    def contents(self) -> Contents:
        for security in self._table.live:
            try:
                self._security(security)
            except Unclear as problem:
                self._say(security, f"{problem}; its cells stay blank")
                self._holder(security, self._own_name(security), None, None)
        self._shares()
        self._classes()
        self._issuances()
        facts: _Row = {"issuer": self._table.issuer} if self._table.issuer else {}
        return Contents(facts, self._rows)

    def _say(self, security: Security, text: str) -> None:
        self.remarks.append(Remark(security.file, str(security.item["id"]), text))

    def _security(self, security: Security) -> None:
        if security.family == "stock":
            key = str(security.item["stock_class_id"])
            if self._right(key) is None:
                self._held[self._owner(security), key].append(security)
            else:
                self._preferred(security, key)
        elif security.family == "convertible":
            self._convertible(security)
        elif security.family == "warrant":
            self._warrant(security)
        else:
            self._award(security)

    # ------------------------------------------------------------ stock

    def _is_common(self, key: str) -> bool:
        return self._table.classes.get(key, {}).get("class_type") == "COMMON"

    def _right(self, key: str) -> Mapping[str, Any] | None:
        """The conversion right of a class; None for common stock and where there is none."""
        if self._is_common(key):
            return None
        rights = self._table.classes[key].get("conversion_rights")
        listed = [r for r in rights if isinstance(r, Mapping)] if isinstance(rights, list) else []
        if len(listed) > 1:
            raise Unclear(f'class "{self._class_names[key]}" has {len(listed)} conversion rights')
        return listed[0] if listed else None

    def _preferred(self, security: Security, key: str) -> None:
        right = self._right(key)
        assert right is not None
        mechanism = self._table.ratios.get(key, right.get("conversion_mechanism"))
        if not isinstance(mechanism, Mapping) or not self._is_common(
            str(right.get("converts_to_stock_class_id"))
        ):
            raise Unclear("its class does not convert into common stock by a ratio")
        ratio = ratio_of(mechanism.get("ratio"))
        name, rights = self._own_name(security), None
        if security.quantity is not None:
            rights = _rounded(times(security.quantity, ratio), mechanism.get("rounding_type"))
        self._rows["Securities"].append(
            {
                **self._row(security, name, "CONVERTIBLE"),
                "quantity": self._cell(security, "quantity", security.quantity),
                "ratio": self._cell(security, "conversion ratio", ratio),
                "paid": self._paid(security),
            }
        )
        self._holder(security, name, rights, None)

    def _paid(self, security: Security) -> Value:
        """The issue price in all, where the security stands as it was issued."""
        issued = self._by_id[security.id].quantity
        if issued is None or security.quantity != issued or not security.item.get("share_price"):
            return None
        paid = times(money_of(security.item, "share_price"), issued)
        return self._cell(security, "total paid", paid)

    def _shares(self) -> None:
        for (owner, key), securities in self._held.items():
            quantities = [s.quantity for s in securities]
            known = [quantity for quantity in quantities if quantity is not None]
            whole = total(known) if len(known) == len(quantities) else None
            numbers = ", ".join(security.label for security in securities[:6])
            more = f" and {len(securities) - 6} more" if len(securities) > 6 else ""
            self._rows["Holders"].append(
                {
                    "name": owner,
                    "security": self._class_names[key],
                    "held": self._cell(securities[0], "shares held", whole),
                    SOURCE: f"{numbers}{more}",
                }
            )

    def _classes(self) -> None:
        for key, item in self._table.classes.items():
            if not self._is_common(key):
                if item.get("class_type") != "PREFERRED":
                    said = f'class_type "{item.get("class_type")}" is not known'
                    self.remarks.append(Remark("stock class", key, f"{said}; not on Classes"))
                elif any(held == key for _, held in self._held):
                    said = "preferred without a conversion right: on Holders only, not on Classes"
                    self.remarks.append(Remark("stock class", key, said))
                continue
            held = [s for (_, of), group in self._held.items() if of == key for s in group]
            known = [s.quantity for s in held if s.quantity is not None]
            if not held:
                said = "no share of the class is outstanding; not on Classes"
                self.remarks.append(Remark("stock class", key, said))
                continue
            whole = total(known) if len(known) == len(held) else None
            row: _Row = {
                "name": self._class_names[key],
                "outstanding": self._cell(held[0], "shares outstanding", whole),
                "as_of": self._table.as_of,
                SOURCE: f"{len(held)} securities outstanding",
            }
            try:
                row["votes_per_share"] = self._cell(
                    held[0], "votes", quantity_of(item, "votes_per_share")
                )
            except Unclear as problem:
                self.remarks.append(Remark("stock class", key, str(problem)))
            self._rows["Classes"].append(row)

    # ------------------------------------------------------------ rights

    def _convertible(self, security: Security) -> None:
        name = self._own_name(security)
        shares = self._shares_of(security, "conversion_triggers")
        self._rows["Securities"].append(
            {
                **self._row(security, name, "CONVERTIBLE"),
                "quantity": 1,
                "ratio": self._cell(security, "shares", shares),
                "paid": self._cell(security, "amount invested", security.quantity),
            }
        )
        if shares is None:
            self._say(security, "the shares it converts into depend on what is not in the files")
        self._holder(security, name, shares, self._from(security, "conversion_triggers"))

    def _shares_of(self, security: Security, key: str) -> Exact | None:
        """A fixed number of common shares; None where it is not fixed or of another class."""
        self._target(security, key)
        return fixed_amount_of(security.item.get(key))

    def _target(self, security: Security, key: str) -> str | None:
        """The class the rights lead to, where it is one and the files name it."""
        targets = {r.get("converts_to_stock_class_id") for r in rights_of(security.item.get(key))}
        if len(targets) != 1 or None in targets:
            return None
        target = str(targets.pop())
        if not self._is_common(target):
            raise Unclear(f'it leads to class "{target}", which is no common stock of the files')
        return target

    def _from(self, security: Security, key: str) -> date | None:
        """The first day on which the holder can act without a condition."""
        days = []
        triggers = security.item.get(key)
        for trigger in triggers if isinstance(triggers, list) else []:
            kind = trigger.get("type") if isinstance(trigger, Mapping) else None
            if kind == "ELECTIVE_AT_WILL":
                days.append(security.issued)
            elif kind == "ELECTIVE_IN_RANGE":
                days.append(day_of(trigger, "start_date"))
            elif kind == "AUTOMATIC_ON_DATE":
                days.append(day_of(trigger, "trigger_date"))
        if not days:
            self._say(security, "it depends on a condition; Exercisable on stays blank")
        return min(days, default=None)

    def _expired(self, security: Security, key: str) -> bool:
        if not security.item.get(key) or self._table.as_of is None:
            return False
        day = day_of(security.item, key)
        if day < self._table.as_of:
            self._say(security, f"it expired on {day} and no transaction ends it: left out")
        return day < self._table.as_of

    def _warrant(self, security: Security) -> None:
        if self._expired(security, "warrant_expiration_date"):
            return
        target = self._target(security, "exercise_triggers")
        start = self._from(security, "exercise_triggers")
        name = self._own_name(security)
        if security.quantity is None:
            self._say(security, "the shares it is exercisable for are not fixed")
        price = security.exercise_price
        self._rows["Securities"].append(
            {
                **self._row(security, name, "WARRANT"),
                "quantity": self._cell(security, "quantity", security.quantity),
                "ratio": 1,
                "paid": self._cell(security, "price", money_of(security.item, "purchase_price")),
                "exercise_price": self._cell(security, "exercise price", price),
                "first_exercisable": start,
            }
        )
        tranches = self._tranches(security)
        if len(tranches) == 1:
            day, shares = tranches[0]
            self._holder(security, name, shares, max(filter(None, (day, start)), default=None))
            return
        if target is None:
            raise Unclear("it vests in parts, and the class it leads to is not named")
        for day, shares in tranches:
            late = max(day, start) if day and start else None
            self._holder(security, self._class_names[target], shares, late)

    def _award(self, security: Security) -> None:
        kind = security.item.get("compensation_type")
        if kind == "CSAR":
            self._say(security, "settled in cash, no right to shares: left out")
            return
        if self._expired(security, "expiration_date"):
            return
        target = self._award_class(security)
        if kind == "SSAR":
            self._say(security, "a stock appreciation right: its shares depend on the price")
            self._holder(security, self._class_names[target], None, None)
            return
        for day, shares in self._tranches(security):
            self._holder(security, self._class_names[target], shares, day)

    def _award_class(self, security: Security) -> str:
        stated = security.item.get("stock_class_id")
        plan = self._table.plans.get(str(security.item.get("stock_plan_id")), {})
        single = stated or plan.get("stock_class_id")
        several = ids_of(plan, "stock_class_ids")
        targets = several if several and not stated else [str(single)] if single else []
        if not targets:
            raise Unclear("neither it nor a plan of it names the class it leads to")
        if len(targets) != 1 or not self._is_common(targets[0]):
            listed = ", ".join(targets)
            raise Unclear(f'it leads to "{listed}", not to one class of common stock of the files')
        return targets[0]

    def _tranches(self, security: Security) -> list[tuple[date | None, Exact | None]]:
        """What can be acquired from when on."""
        quantity, item = security.quantity, security.item
        if quantity is None:
            return [(None, None)]
        if item.get("early_exercisable") is True:
            return [(security.issued, quantity)]
        if isinstance(item.get("vestings"), list) and item["vestings"]:
            parts = [(day_of(v, "date"), quantity_of(v, "amount")) for v in item["vestings"]]
            if total([amount for _, amount in parts]) == total([quantity, security.used]):
                return _after(security.used, sorted(parts))
            self._say(security, "its vestings do not add up to its quantity; dates stay blank")
            return [(None, quantity)]
        if item.get("vesting_terms_id"):
            self._say(
                security,
                f'it vests by the terms "{item["vesting_terms_id"]}", which are not worked out: '
                "enter its dates on Holders",
            )
            return [(None, quantity)]
        return [(security.issued, quantity)]

    # ------------------------------------------------------------ rows

    def _owner(self, security: Security) -> str:
        key = str(security.item.get("stakeholder_id"))
        return self._table.stakeholders.get(key, key)

    def _own_name(self, security: Security) -> str:
        what = self._what(security)
        name = f"{what} {security.label}"
        self._names[folded(name)] += 1
        return name if self._names[folded(name)] == 1 else f"{name} ({security.id})"

    def _what(self, security: Security) -> str:
        if security.family == "stock":
            key = str(security.item["stock_class_id"])
            return self._class_names[key]
        if security.family == "convertible":
            kind = str(security.item.get("convertible_type") or "CONVERTIBLE")
            return kind if kind == "SAFE" else kind.replace("_", " ").capitalize()
        return "Warrant" if security.family == "warrant" else "Award"

    def _root(self, security: Security) -> Security:
        """The issuance it goes back to, through transfers, balances, conversions, exercises."""
        seen = set()
        while security.id not in seen:
            seen.add(security.id)
            above = self._by_id.get(self._table.parents.get(security.id, ""))
            if above is None:
                break
            security = above
        return security

    def _transaction(self, security: Security) -> str:
        root = self._root(security)
        return f"{self._what(root)}, {root.issued}"

    def _row(self, security: Security, name: str, kind: str) -> _Row:
        return {
            "name": name,
            "transaction": self._transaction(security),
            "kind": kind,
            SOURCE: f"{security.file}: {security.item['id']}",
        }

    def _holder(
        self, security: Security, name: str, shares: Exact | None, day: date | None
    ) -> None:
        kind = security.item.get("compensation_type")
        self._rows["Holders"].append(
            {
                "name": self._owner(security),
                "security": name,
                "held": 0,
                "rights": self._cell(security, "shares", shares),
                "exercisable_on": day,
                SOURCE: f"{kind} {security.label}" if kind else security.label,
            }
        )

    def _cell(self, security: Security, what: str, number: Exact | None) -> Value:
        """The number where a cell holds it exactly."""
        if number is None:
            return None
        whole = Fraction(number)
        value = whole.numerator if whole.denominator == 1 else float(whole)
        try:
            if Fraction(from_number(value)) == whole:
                return value
        except ValueError:
            pass
        self._say(security, f"{what}: {plain(number)} has more digits than a cell holds")
        return None

    def _issuances(self) -> None:
        found: dict[tuple[str, str], list[Security]] = defaultdict(list)
        for security in self._table.issued:
            if security.family != "award" and self._root(security) is security:
                found[self._transaction(security), self._owner(security)].append(security)
        for (transaction, investor), securities in found.items():
            parts = [self._issuable(security) for security in securities]
            known = [part for part in parts if part is not None]
            whole = total(known) if len(known) == len(parts) else None
            self._rows["Issuances"].append(
                {
                    "transaction": transaction,
                    "closing": securities[0].issued,
                    "investor": investor,
                    "issuable": self._cell(securities[0], "shares issuable", whole) or None,
                    SOURCE: ", ".join(security.label for security in securities[:6]),
                }
            )

    def _issuable(self, security: Security) -> Exact | None:
        """Common shares issued or issuable in it, in shares of today."""
        try:
            if security.family == "convertible":
                return self._shares_of(security, "conversion_triggers")
            if security.family == "warrant" or security.quantity is None:
                return security.quantity
            key, quantity = str(security.item["stock_class_id"]), security.quantity
            for target, day, ratio in self._table.splits:
                if target == key and security.issued < day:
                    quantity = times(quantity, ratio)
            right = self._right(key)
            if right is None:
                return quantity
            mechanism = self._table.ratios.get(key, right.get("conversion_mechanism"))
            if not isinstance(mechanism, Mapping):
                return None
            product = times(quantity, ratio_of(mechanism.get("ratio")))
            return _rounded(product, mechanism.get("rounding_type"))
        except Unclear:
            return None


def _rounded(number: Exact, how: Any) -> Exact:
    """Whole shares by the format's rounding type."""
    if how == "FLOOR":
        return floor(number)
    if how == "CEILING":
        return ceiling(number)
    if how == "NORMAL":
        return int(rounded_half_up(number, 0))
    raise Unclear(f'rounding_type "{how}" is not known')


def _after(
    used: Exact, parts: Iterable[tuple[date, Exact]]
) -> list[tuple[date | None, Exact | None]]:
    """What is left of the parts when so much of the earliest is gone."""
    left: list[tuple[date | None, Exact | None]] = []
    for day, amount in parts:
        gone = min(used, amount)
        used = minus(used, gone)
        if amount > gone:
            left.append((day, minus(amount, gone)))
    return left
