"""Which tests the user selected: the terms of LONGPOLE_SELECT, one a line."""

from __future__ import annotations

from fnmatch import fnmatchcase
from typing import Iterable, List, NamedTuple, Optional


class _Term(NamedTuple):
    negative: bool
    file: str
    case: Optional[str]


class Selection:
    """The terms of a selection: `*_slow.py`, `~NAME` to leave out, `FILE#CASE` for single tests."""

    def __init__(self, text: str) -> None:
        """`text` has one term a line; without any, everything is selected."""
        self._terms: List[_Term] = []
        for line in text.splitlines():
            negative = line.startswith("~")
            file, hash_mark, case = line[negative:].partition("#")
            if line:
                self._terms.append(_Term(negative, file, case if hash_mark else None))

    def __bool__(self) -> bool:
        return bool(self._terms)

    def selects(self, file: str, case: str) -> bool:
        """Whether a test is selected: by a positive term, if there are any, and by no negative one."""
        positive = [term for term in self._terms if not term.negative]
        negative = [term for term in self._terms if term.negative]
        return (not positive or _any(positive, file, case)) and not _any(negative, file, case)


def _any(terms: Iterable[_Term], file: str, case: str) -> bool:
    whole = file.partition("::")[0]
    files = tuple(each for name in (file, whole) for each in (name, name.rpartition("/" if "/" in name else ".")[2]))
    bare = case.partition("[")[0].partition("(")[0]
    cases = (case, bare, case.rpartition("::")[2], bare.rpartition("::")[2])
    return any(
        any(fnmatchcase(name, term.file) for name in files)
        and (term.case is None or any(fnmatchcase(name, term.case) for name in cases))
        for term in terms
    )
