"""A commented scenario to begin with."""

import os
import re

from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.scenario.discover import SUFFIXES

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*")

TEMPLATE = """\
# A scenario: docs/scenarios.md describes every key. `longpole scenario check` reports errors.
name: Clone a repository
description: |
  What this scenario is about, in as many lines as it takes.

# Git repositories that the scenario begins with. $REMOTE_MY_REPO is the path of this one.
repos:
  - name: my-repo
    branches:
      - name: main
        files:
          - path: README.md
            content: |
              # Hello
      - name: feature/one          # begins at main; `from: BRANCH` names another
        files:
          - {path: one.txt, content: "one\\n"}
  # - name: other
  #   use_fixture: standard        # fixtures/repos/standard.yml describes it

# Variables of the texts below, and of the environment of their commands.
env:
  GREETING: Hello

# Each step is a command line for bash, run in the work directory; then its expectations are checked.
steps:
  - name: Clone it
    run: git clone $REMOTE_MY_REPO clone 2>&1
    expect:
      exit_code: 0
      dirs_exist: [clone]
      files_exist: [clone/README.md]
      files_not_exist: [clone/one.txt]
      output_contains: [Cloning into]
      output_not_contains: [fatal]

  - name: Look at the branch
    run: git switch feature/one && cat README.md
    cwd: clone
    expect:
      exit_code: 0
      output_contains: [$GREETING]
      file_contains:
        - {path: one.txt, content: one}      # relative to cwd
      is_git_worktree:
        - {dir: ., branch: feature/one}
      branch_exists:
        - {repo: $REMOTE_MY_REPO, branch: feature/*}
"""


def write_new(folder: str, name: str) -> str:
    """Write a scenario called `name`, `stem` or `group/stem`, in `folder`; return its path.

    Raises `UseError` if that is not a name, if there is such a scenario, or if it cannot be written. What is there is
    never overwritten.
    """
    parts = name.removesuffix(".yml").replace(":", "/").split("/")
    if len(parts) > 2 or not all(_NAME.fullmatch(part) for part in parts):
        remedy = "write `stem` or `group/stem`, of letters, digits, `_`, `.` and `-`"
        raise UseError.at("", f"{shown(name)} cannot be the name of a scenario", remedy)
    stem = os.path.join(folder, *parts)
    there = [stem + suffix for suffix in SUFFIXES if os.path.lexists(stem + suffix)]
    if there:
        raise UseError.at(there[0], "this file exists already", "choose another name, or edit it")
    path = stem + ".yml"
    try:
        os.makedirs(os.path.dirname(path) or ".", exist_ok=True)
        with open(path, "x", encoding="utf-8") as file:
            file.write(TEMPLATE)
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise UseError.at(path, f"cannot be written: {reason}", "choose another name, or `--folder DIR`") from None
    return path
