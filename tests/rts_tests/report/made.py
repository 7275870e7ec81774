"""Runs that never ran, with logs as a run would have left them; and what hostile tests say."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from longpole.rts_tests.contracts.records import Record, log_path
from longpole.rts_tests.report.summary import Summary
from tests.made_up import made_up, record

HOSTILE = [
    "</script><script>alert(1)</script>",
    "<!--<script>",
    "<!--<script </script ",
    '<img src=x onerror="alert(1)">',
    "' onmouseover='alert(1)",
    '" autofocus onfocus=alert(1) x="',
    "a\u2028b\u2029c",
    "\x00\x1b[31mred\x1b[0m\x07",
    "{{script}}{{data}}",
    "&lt;b&gt; &amp;",
    "\udcff\ud800",
    "\u202egnp.exe",
    "]]></pre></details>",
    "$& $1 \\1 \\g<0>",
]


def made_record(name: str, **fields: Any) -> Record:
    """A record of a unit that passed after a second, but for what `fields` say; its reproducer is its target."""
    variant, _, module = name.partition("/")
    target = fields.pop("target", f"test-{variant}-{module}")
    known = {"variant": variant, "module": module, "target": target, "reproducer": f"make {target}"}
    return record(name, **{**known, **fields})


def made_run(
    run: Path,
    records: Sequence[Record],
    *,
    planned: Sequence[str] = (),
    logs: Mapping[str, bytes] | None = None,
    **fields: Any,
) -> Summary:
    """The summary of a run in the folder `run`, with the logs in it; `planned` where not every unit left a record."""
    targets = {each.id: each.target for each in records}
    (run / "units").mkdir(parents=True, exist_ok=True)
    for name, data in (logs or {}).items():
        Path(log_path(run, targets[name])).write_bytes(data)
    rows = [(name, targets.get(name, f"test-{name}"), 1.0) for name in planned or targets]
    return made_up(records, str(run), **{"suite": "made", **fields, "planned": tuple(rows)})
