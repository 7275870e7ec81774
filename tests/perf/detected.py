"""A file as `longpole perf detect --json` prints it, and the names of its commits."""

import json
from pathlib import Path


def sha(number: int) -> str:
    """The name of a made-up commit."""
    return f"{number:040x}"


POINT = {
    "platform": "x86_64-linux",
    "benchmark": "parse",
    "metric": "time",
    "commit_before": sha(1),
    "commit_after": sha(4),
    "ratio": 1.25,
    "kind": "regression",
    "q_value": 0.001,
    "range": [sha(2), sha(3), sha(4)],
}


def write(folder: Path, content: object) -> str:
    """The path of a file with this text, or JSON."""
    path = folder / "changes.json"
    path.write_text(content if isinstance(content, str) else json.dumps(content))
    return str(path)
