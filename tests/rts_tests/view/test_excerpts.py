"""A run shows why a unit failed, also where that stands above a long backtrace."""

from tests.project import Project

PANIC = """
i=0; while [ $i -lt 50 ]; do i=$((i+1)); echo "row $i passed"; done
echo "thread 'main' panicked at src/heap.rs:88:9:"
echo "object 17 was moved twice"
i=0; while [ $i -lt 60 ]; do i=$((i+1)); echo "  $i: frame"; done
exit 101
"""
SHOWN = """\
  | [... 48 lines left out ...]
  | row 49 passed
  | row 50 passed
  | thread 'main' panicked at src/heap.rs:88:9:
  | object 17 was moved twice
"""


def test_a_failure_shows_its_cause_with_neighbours_and_a_mark_where_lines_are_left_out(project: Project) -> None:
    project.write({"moves": PANIC})
    out = project.make("test").out
    assert SHOWN in out
    assert "  | [... 44 lines left out ...]\n  |   50: frame\n" in out
    assert "  |   60: frame\n" in out


def test_so_it_does_in_plan_order_and_after_stress(project: Project) -> None:
    project.write({"moves": PANIC})
    assert SHOWN in project.longpole("run", "--order", "input").out
    assert (
        "    | thread 'main' panicked at src/heap.rs:88:9:\n"
        in project.longpole("stress", "v/moves", "--count", "1").out
    )
