"""Which form a filing says it is: Schedule 13D or 13G, and whether an amendment."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

_FORM: Final = re.compile(
    r"(?<![0-9])13\s*-?\s*([DG])(?:\s*[/-]?\s*(A))?(?![0-9A-Z])", re.IGNORECASE
)
_AMENDED: Final = re.compile(r"\bamend(?:ed|ment|ing)\b", re.IGNORECASE)
_NUMBER: Final = re.compile(
    r"\bamendment\s+(?:no(?:\.\s*|\s+)([0-9A-Z]+)|([0-9][0-9A-Z]*))\b", re.IGNORECASE
)


class FilingForm(NamedTuple):
    """The letter of a schedule, whether it is amended, and the amendment's number where stated."""

    letter: str
    amended: bool
    number: str


def form_of(text: str | None) -> FilingForm | None:
    """The form as people write it; None where it is no Schedule 13D or 13G.

    >>> form_of("SC 13D/A (Amendment No. 3)")
    FilingForm(letter='D', amended=True, number='3')
    >>> form_of("Schedule 13G"), form_of("Form 4")
    (FilingForm(letter='G', amended=False, number=''), None)
    """
    match = _FORM.search(text or "")
    if match is None:
        return None
    number = _NUMBER.search(text or "")
    amended = bool(match[2] or _AMENDED.search(text or ""))
    return FilingForm(match[1].upper(), amended, (number[1] or number[2]) if number else "")
