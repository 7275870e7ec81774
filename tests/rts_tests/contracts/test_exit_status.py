"""The exit statuses that the README promises are the ones that `longpole` ends with."""

import re
from pathlib import Path

from longpole.rts_tests.contracts.exit_status import ExitStatus

README = Path(__file__).resolve().parents[3] / "README.md"


def test_the_readme_lists_every_exit_status_with_its_meaning() -> None:
    """BROKEN_PIPE alone is left out: it ends a command whose reader has gone."""
    text = " ".join(README.read_text(encoding="utf-8").split())
    sentence = re.search(r"Exit status: (0 .*?) \(make", text)
    assert sentence is not None
    listed = dict(re.findall(r"(?:^|, )(\d+) (.*?)(?=, \d+ |$)", sentence[1]))
    members = [status for status in ExitStatus if status != ExitStatus.BROKEN_PIPE]
    assert listed == {str(status.value): status.meaning for status in members}
