"""The report as one HTML file that loads nothing: its style, its script and its data are inside.

The most important parts are plain HTML: the summary, and the failures with their logs. The script draws the timeline
and the table from one block of JSON. Logs, names and notes come from tests and may contain markup or scripts. Two
measures keep them harmless: all text is escaped, and the page's policy runs only the script with the given hash.
"""

import re
from binascii import b2a_base64
from functools import partial
from hashlib import sha256
from pathlib import Path

from longpole.rts_tests.contracts.case_history import CaseHistory, read_case_history
from longpole.rts_tests.contracts.history import History, read_history
from longpole.rts_tests.contracts.look import common_style
from longpole.rts_tests.report.comparison import Comparison
from longpole.rts_tests.report.formats.log_html import escape
from longpole.rts_tests.report.formats.page.cases import class_rows
from longpole.rts_tests.report.formats.page.changes import changes
from longpole.rts_tests.report.formats.page.data import data
from longpole.rts_tests.report.formats.page.failures import failures
from longpole.rts_tests.report.formats.page.head import facts, head, lanes_line, verdict
from longpole.rts_tests.report.formats.page.steps import passed_scenarios
from longpole.rts_tests.report.summary import Summary

_PARTS = Path(__file__).parent / "page"
_SLOT = re.compile(r"\{\{(\w+)\}\}")


_SCRIPTS = ("words", "rows", "address", "filter", "timeline", "driving", "table", "unit", "begin")
"""The parts of the script, in the order in which they stand in its one closure."""


def report_html(summary: Summary, history: History | None = None, comparison: Comparison | None = None) -> bytes:
    """The whole document, in UTF-8.

    `history` holds the durations of earlier runs, which the table draws; `comparison` that with the previous run.
    """
    style, script = f"{common_style()}\n{_part('report.css')}", _script()
    classes = class_rows(summary)
    before = comparison.before if comparison else None
    units, cases = data(summary, history or History(), before, classes, partial(_case_history, summary.run))
    slots = {
        "policy": f"default-src 'none'; style-src '{_hash(style)}'; script-src '{_hash(script)}'; img-src data:; "
        "base-uri 'none'; form-action 'none'",
        "title": escape(f"{summary.info.suite}: {verdict(summary)}"),
        "style": style,
        "script": script,
        "head": head(summary),
        "facts": facts(summary),
        "changes": changes(comparison, classes),
        "failures": failures(summary, classes),
        "steps": passed_scenarios(summary),
        "lanes": escape(lanes_line(summary)),
        "cases": f'<script type="application/json" id="cases">{cases}</script>\n' if cases else "",
        "data": units,
    }
    return _SLOT.sub(lambda slot: slots[slot[1]], _part("report.html")).encode(errors="replace")


def earlier_runs(run: Path) -> History:
    """The history in the state directory of a run; empty if the run was moved elsewhere."""
    return read_history(run.parent.parent) if run.parent.name == "runs" else History()


def _case_history(run: Path, variant: str, module: str) -> CaseHistory:
    """The history of cases in the state directory of a run; empty if the run was moved elsewhere."""
    return read_case_history(run.parent.parent, variant, module) if run.parent.name == "runs" else CaseHistory()


def _script() -> str:
    parts = (_part(f"script/{name}.js") for name in _SCRIPTS)
    return '"use strict";\n(() => {\n' + "\n".join(parts) + "})();\n"


def _part(name: str) -> str:
    return (_PARTS / name).read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"sha256-{b2a_base64(sha256(text.encode()).digest(), newline=False).decode()}"
