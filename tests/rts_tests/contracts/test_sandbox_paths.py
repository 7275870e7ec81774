"""Texts about sandboxes are the same in each run."""

import pytest

from longpole.rts_tests.contracts.sandbox_paths import without_paths


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("cannot enter /tmp/longpole-r/12/s/work/x: no", "cannot enter $BASE_DIR/work/x: no"),
        ("in `/var/tmp/longpole-r/1/s`: x, '/tmp/longpole-r/1/s/work'", "in `$BASE_DIR`: x, '$BASE_DIR/work'"),
        ("at /tmp/longpole-r/1/s: and /tmp/longpole-r/1/s, so", "at $BASE_DIR: and $BASE_DIR, so"),
        ("file:///tmp/longpole-r/1/s/remotes/a", "file://$BASE_DIR/remotes/a"),
        ("/tmp/longpole-r/1/some /tmp/longpole-q/1/s/a", "/tmp/longpole-r/1/some /tmp/longpole-q/1/s/a"),
        ("/tmp/lp-0123abcd/socket /tmp/lp-0123abcde", "/tmp/lp-.../socket /tmp/lp-0123abcde"),
    ],
)
def test_paths_of_a_sandbox_are_written_without_what_differs(text: str, written: str) -> None:
    assert without_paths("r")(text) == written
