"""What is mutated, and which test files are run for it: the product's pure functions, and tests that start nothing."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Target:
    """A module of the product, and the files below `tests/` whose tests are to notice its mutants.

    `only` names the functions, classes and constants at the module's top that are pure; empty for all of them.
    """

    module: str
    tests: tuple[str, ...]
    only: tuple[str, ...] = ()


_CONTRACTS, _LIMITS, _UNIT, _REPORT, _EXPERIMENTS, _RESULTS, _SCENARIO = (
    f"rts_tests/{room}/test_"
    for room in ("contracts", "limits", "unit", "report", "experiments", "results", "scenario")
)
_STATISTICS, _SCALE = "rts_tests/statistics/test_", "rts_tests/experiments/scale/test_"
_IMPORTERS, _LEDGER = "perf/importers/test_", "perf/ledger/test_"
_PARSED = (f"{_SCENARIO}parse.py", f"{_SCENARIO}parse_errors.py")
_PLAN = "gen/plan/test_plan.py"

TARGETS = (
    Target("rts_tests.contracts.seeds", (f"{_CONTRACTS}seeds.py",)),
    Target("rts_tests.contracts.partition", (f"{_CONTRACTS}partition.py", _PLAN)),
    Target("rts_tests.contracts.filter", (f"{_CONTRACTS}filter.py",)),
    Target("rts_tests.contracts.nearest", (f"{_CONTRACTS}nearest.py",)),
    Target("rts_tests.contracts.placeholders", (f"{_CONTRACTS}placeholders.py",)),
    Target("rts_tests.contracts.debug_ports", (f"{_CONTRACTS}debug_ports.py",)),
    Target("rts_tests.machine.ports", ("rts_tests/machine/test_ports.py",), ("candidates",)),
    Target("rts_tests.contracts.status", (f"{_CONTRACTS}status.py",)),
    Target("rts_tests.forks.distribution", ("rts_tests/forks/test_distribution.py",)),
    Target("rts_tests.forks.selection", ("rts_tests/forks/test_selection.py",)),
    Target("rts_tests.forks.listing", ("rts_tests/forks/test_listing.py",)),
    Target("rts_tests.forks.arguments", ("rts_tests/forks/test_arguments.py",)),
    Target("rts_tests.forks.assignment", ("rts_tests/forks/test_assignment.py",)),
    Target(
        "rts_tests.contracts.case_history",
        (f"{_CONTRACTS}case_history.py", f"{_CONTRACTS}case_history_file.py"),
        (
            "_checked_platforms",
            "_checked_groups",
            "_is_count",
            "_sound",
            "_Told",
            "_enter",
            "_class_row",
            "_group",
            "_row",
            "_is_forgotten",
            "_is_gone",
        ),
    ),
    Target(
        "rts_tests.supervise.ready", ("rts_tests/supervise/test_ready.py", "rts_tests/supervise/test_ready_forks.py")
    ),
    Target("rts_tests.report.crowded", ("rts_tests/report/test_crowded.py",)),
    Target("rts_tests.report.released", ("rts_tests/report/test_released.py",), ("released_s",)),
    Target("rts_tests.contracts.plan", (_PLAN,), ("PlanModule", "Unit", "Plan", "to_text", "from_text")),
    Target("rts_tests.contracts.plan_parts", (_PLAN,), ("PlanVariant",)),
    Target("rts_tests.contracts.order", (_PLAN,)),
    Target("rts_tests.contracts.median", (f"{_CONTRACTS}median.py",)),
    Target("rts_tests.contracts.duration", (f"{_CONTRACTS}duration.py",)),
    Target("rts_tests.view.time_left", ("rts_tests/view/test_time_left.py",)),
    Target("rts_tests.contracts.harmless", (f"{_CONTRACTS}harmless.py",)),
    Target("rts_tests.contracts.excerpt", (f"{_CONTRACTS}excerpt.py",)),
    Target("rts_tests.limits.turns", (f"{_LIMITS}turns.py",)),
    Target(
        "rts_tests.limits.slots",
        (f"{_LIMITS}shown.py",),
        ("Shown", "decode", "_row", "_need", "_capacity", "_is_count", "_moment"),
    ),
    Target("rts_tests.unit.leftovers", (f"{_UNIT}leftovers.py",)),
    Target("rts_tests.unit.attempts", (f"{_UNIT}attempts.py", f"{_UNIT}retries.py")),
    Target(
        "rts_tests.unit.record",
        (f"{_UNIT}record.py",),
        ("status_of", "reason_of", "note_of", "_cause", "reply_of", "_signal_number"),
    ),
    Target("rts_tests.unit.command", (f"{_UNIT}command.py",)),
    Target("rts_tests.unit.error_lines", (f"{_UNIT}results.py",), ("ErrorLines",)),
    Target(
        "rts_tests.unit.results",
        (f"{_UNIT}results.py",),
        (
            "note_of_cases",
            "shortened_note",
            "named",
            "_shown",
            "last_cases",
            "_classes_mended",
            "_mended",
            "last_classes",
        ),
    ),
    Target("rts_tests.make.make_arguments", ("rts_tests/make/test_make_arguments.py",)),
    Target("rts_tests.report.summary", (f"{_REPORT}summary.py", f"{_REPORT}groups.py")),
    Target("rts_tests.report.comparison", (f"{_REPORT}comparison.py", f"{_REPORT}case_comparison.py")),
    Target("rts_tests.report.case_comparison", (f"{_REPORT}case_comparison.py",)),
    Target("rts_tests.report.balance", (f"{_REPORT}text_cases.py", f"{_REPORT}format_cases.py")),
    Target("rts_tests.report.proof_forks", (f"{_REPORT}proof_forks.py",)),
    Target("rts_tests.report.noise", (f"{_REPORT}comparison.py", f"{_REPORT}case_comparison.py")),
    Target(
        "rts_tests.report.cases", (f"{_REPORT}junit_cases.py", f"{_REPORT}text_cases.py", f"{_REPORT}format_cases.py")
    ),
    Target("rts_tests.report.advice", (f"{_REPORT}advice.py", f"{_REPORT}fork_advice.py")),
    Target(
        "rts_tests.results.tap_lines",
        (f"{_RESULTS}tap_lines.py", f"{_RESULTS}tap.py"),
        ("test_line", "_directive", "plan_line", "diagnosis", "_details", "_values", "_location", "_seconds"),
    ),
    Target(
        "rts_tests.results.tap",
        (f"{_RESULTS}tap.py",),
        ("TapReader", "_status", "_leaf", "_with_subtests", "_case"),
    ),
    Target(
        "rts_tests.results.junit_xml",
        (f"{_RESULTS}junit_xml.py",),
        ("_suite", "_status", "_texts", "seconds_in"),
    ),
    Target("rts_tests.results.of_classes", (f"{_RESULTS}of_classes.py",), ("group", "_forms", "_wholes", "_result")),
    Target("rts_tests.results.wire", (f"{_RESULTS}protocol.py", f"{_RESULTS}protocol_log.py")),
    Target("rts_tests.results.blocks", (f"{_RESULTS}protocol_log.py",)),
    Target("rts_tests.results.protocol", (f"{_RESULTS}protocol.py", f"{_RESULTS}protocol_log.py")),
    Target("rts_tests.experiments.stress", (f"{_EXPERIMENTS}stress.py",), ("wilson", "percent", "parse_duration")),
    Target("rts_tests.experiments.shrink", (f"{_EXPERIMENTS}shrink.py",), ("narrowing", "searching")),
    Target("rts_tests.machine.fingerprint", ("rts_tests/machine/test_fingerprint.py",), ("changes", "_what", "_Look")),
    Target("rts_tests.statistics.intervals", (f"{_STATISTICS}intervals.py",)),
    Target("rts_tests.statistics.differences", (f"{_STATISTICS}differences.py",)),
    Target("rts_tests.statistics.scaling", (f"{_STATISTICS}scaling.py",)),
    Target("rts_tests.experiments.scale.trials", (f"{_SCALE}scale_trials.py",)),
    Target("rts_tests.experiments.scale.scaling_of", (f"{_SCALE}scale_trials.py",)),
    Target("rts_tests.experiments.scale.selectors", (f"{_SCALE}selectors.py",)),
    Target("rts_tests.experiments.scale.baseline", (f"{_SCALE}baseline.py",)),
    Target("rts_tests.scenario.variables", (f"{_SCENARIO}variables.py",)),
    Target("rts_tests.scenario.jobs", (f"{_SCENARIO}jobs.py",)),
    Target("rts_tests.scenario.stepping", (f"{_SCENARIO}stepping.py",)),
    Target("rts_tests.scenario.keys", (f"{_SCENARIO}keys.py",), ("keys_in", "_after_escape")),
    Target("rts_tests.scenario.patterns", (*_PARSED, f"{_SCENARIO}checks.py")),
    Target("rts_tests.scenario.read_input", _PARSED),
    Target("rts_tests.scenario.checks", (f"{_SCENARIO}checks.py",)),
    Target(
        "rts_tests.scenario.command_line",
        (f"{_SCENARIO}command_line.py",),
        ("split", "raw_words", "_unquoted", "_is_program", "is_plain", "_is_utf8_or_c", "environment_of"),
    ),
    Target("rts_tests.scenario.environment", (f"{_SCENARIO}environment.py",)),
    Target("rts_tests.report.formats.page.steps", (f"{_REPORT}page_steps.py",), ("steps_html", "_parts", "_step")),
    Target("rts_tests.scenario.names", (f"{_SCENARIO}names.py", *_PARSED)),
    Target("rts_tests.scenario.parse", _PARSED),
    Target("rts_tests.scenario.read_programs", (f"{_SCENARIO}read_programs.py",)),
    Target("rts_tests.scenario.read_isolation", (f"{_SCENARIO}read_isolation.py",)),
    Target("rts_tests.scenario.tmp_names", (f"{_SCENARIO}tmp_names.py", f"{_SCENARIO}read_isolation.py")),
    Target("rts_tests.scenario.golden", (f"{_SCENARIO}golden.py",)),
    Target("rts_tests.scenario.golden_names", (f"{_SCENARIO}golden_files.py",)),
    Target("rts_tests.scenario.matrix", (f"{_SCENARIO}matrix.py",)),
    Target(
        "rts_tests.scenario.conditions",
        (f"{_SCENARIO}conditions.py",),
        ("parse_requirement", "compared", "version_in", "has_tags", "skip_reason", "_reasons", "_answer"),
    ),
    Target("rts_tests.scenario.reading", _PARSED),
    Target("rts_tests.scenario.read_repository", _PARSED),
    Target("rts_tests.scenario.discover", (f"{_SCENARIO}discover.py",), ("select", "_named", "_nothing", "_selector")),
    Target("gen.render.make_syntax", ("gen/render/test_make_syntax.py",)),
    Target("gen.plan.plan", (_PLAN,)),
    Target("perf.publish.columns", ("perf/publish/test_columns.py",)),
    Target("perf.ledger.ledger", (f"{_LEDGER}ledger.py", f"{_LEDGER}verify.py")),
    Target("perf.ledger.verify", (f"{_LEDGER}verify.py",), ("verify", "_walked", "_wrong_ranges")),
    Target(
        "perf.ledger.gate",
        (f"{_LEDGER}gate.py",),
        (
            "Queue",
            "Rules",
            "Line",
            "Known",
            "decide",
            "latest",
            "_crowded",
            "_no_machine",
            "_too_soon",
            "_most_telling",
            "_suspected",
            "_widest",
            "_repeat",
        ),
    ),
    Target("perf.ledger.stall", (f"{_LEDGER}stall.py",)),
    Target("perf.ledger.arrivals", (f"{_LEDGER}simulate.py",), ("by_rate", "_scheduled", "of_history")),
    Target("perf.detect.fdr", ("perf/detect/test_series.py",)),
    Target("perf.merge", ("perf/test_merge.py",)),
    Target("perf.branch", ("perf/test_trouble.py",), ("Patience", "trouble_of")),
    Target("perf.platforms", (f"{_IMPORTERS}metrics.py",)),
    Target("perf.importers.metrics", (f"{_IMPORTERS}metrics.py", f"{_IMPORTERS}recorded.py")),
    Target("perf.importers.fields", (f"{_IMPORTERS}gruel.py", f"{_IMPORTERS}metrics.py")),
    Target("perf.importers.gruel", (f"{_IMPORTERS}gruel.py",)),
    Target("perf.importers.google", (f"{_IMPORTERS}recorded.py",)),
    Target("perf.importers.action", (f"{_IMPORTERS}recorded.py",)),
)
