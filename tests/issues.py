"""A repository's issues on GitHub, kept in a file by a model of `gh`."""

import json
import os
import sys
from pathlib import Path
from typing import Any

GH = """#!{python}
import json, os, sys
from pathlib import Path
path = Path(os.environ["GH_MODEL"])
issues = json.loads(path.read_text())
what, args = sys.argv[1:3], sys.argv[3:]
options = {{name: value for name, value in zip(args, args[1:]) if name.startswith("--")}}
if os.environ.get("GH_FAILS"):
    sys.exit("HTTP 403: Resource not accessible by integration")
if what == ["issue", "list"]:
    wanted = {{"open": (True,), "closed": (False,), "all": (True, False)}}[options["--state"]]
    listed = [i for i in issues if i["open"] in wanted and options["--label"] in i["labels"]]
    shown = [{{**i, "state": "OPEN" if i["open"] else "CLOSED"}} for i in listed]
    print(json.dumps([{{name: i[name] for name in options["--json"].split(",")}} for i in shown]))
elif what == ["label", "create"]:
    pass
elif what == ["issue", "create"]:
    number = len(issues) + 1
    issues.append({{"number": number, "title": options["--title"], "labels": [options["--label"]],
                   "body": sys.stdin.read(), "open": True, "comments": []}})
    print(f"https://github.example/owner/project/issues/{{number}}")
else:
    issue = next(i for i in issues if i["number"] == int(args[0]))
    if what == ["issue", "edit"]:
        issue["body"] = sys.stdin.read()
    elif what in (["issue", "close"], ["issue", "reopen"]):
        issue["open"] = what[1] == "reopen"
        issue["comments"].append(options["--comment"])
    else:
        sys.exit(f"gh: unknown {{what}}")
path.write_text(json.dumps(issues))
"""


class Issues:
    """The issues; `environ` has the model first on PATH. With GH_FAILS in it, all calls fail."""

    def __init__(self, folder: Path) -> None:
        self.file = folder / "issues.json"
        self.file.write_text("[]")
        programs = folder / "programs"
        programs.mkdir()
        (programs / "gh").write_text(GH.format(python=sys.executable))
        (programs / "gh").chmod(0o755)
        self.environ = {"PATH": f"{programs}:{os.environ['PATH']}", "GH_MODEL": str(self.file)}

    @property
    def all(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = json.loads(self.file.read_text())
        return found

    @property
    def open(self) -> list[dict[str, Any]]:
        return [issue for issue in self.all if issue["open"]]
