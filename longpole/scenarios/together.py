"""Scenarios in one run: `longpole scenario` without `-i` and `--setup-only`."""

import os
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from functools import partial

from longpole.rts_tests.contracts.plan_parts import SCENARIO_SETTINGS
from longpole.rts_tests.report.formats.scenario_text import Again, Wanted, scenario_report
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.scenarios import Asked, run_scenarios
from longpole.rts_tests.run.select import select
from longpole.rts_tests.scenario.config import CACHE, Config, to_text
from longpole.rts_tests.scenario.discover import Found
from longpole.rts_tests.view.settings import ORDER, VIEW, Settings
from longpole.scenarios.chosen import Chosen, choose, settings_suffix
from longpole.scenarios.corpus import Corpus
from longpole.scenarios.options import KEPT, Options, jobs_asked


def together(corpus: Corpus, found: Sequence[Found], options: Options) -> int:
    """Run the scenarios in `found` in one run; return its exit status. Raises `UseError` if nothing can be run."""
    request = Request.from_environ(("scenario",), dict(os.environ))
    chosen = choose(corpus, found, options, request.state)
    plan = chosen.plan(request.state)
    units = select(plan, ("test",), only=request.filter, shard=request.shard)
    order = chosen.in_order(units)
    shown = _shown(options, request)
    request = replace(
        request,
        shown=shown,
        fail_fast=request.fail_fast or options.fail_fast,
        no_skip=request.no_skip or options.no_skip,
    )
    kept = tempfile.mkdtemp(prefix=KEPT) if options.keep else None
    again = Again(
        _command(options),
        {member.module.name: member.selector for member in chosen.members},
        chosen.variants if options.variant is None else (),
    )
    wanted = Wanted(again, [unit.id for unit in order], shown.timed, kept)
    config = Config(cache=str(request.state / CACHE), keep=kept, update=options.update, timed=shown.timed)
    asked = Asked(
        units=units,
        order=[unit.target for unit in order],
        settings=_settings(chosen, config),
        words=options.selectors,
        text=partial(scenario_report, wanted=wanted),
        jobs=jobs_asked(options, chosen.suite.limits.jobs).number,
        again={unit.target: again.command_of(unit) for unit in units},
    )
    chosen.cache.save()  # for the units; without a state directory it is written afterwards
    try:
        return run_scenarios(plan, asked, request)
    finally:
        chosen.cache.save()
        if kept is not None:
            _remove_empty(kept)


def _shown(options: Options, request: Request) -> Settings:
    """How the run is shown: live on a terminal, in order elsewhere, unless the options or the variables say more."""
    order = options.order or os.environ.get(ORDER) or None
    return Settings(
        live=request.shown.live or not os.environ.get(VIEW),
        in_order=not sys.stdout.isatty() if order is None else order == "input",
        verbosity=-1 if options.quiet else min(options.verbose, 2) or request.shown.verbosity,
        always_timed=order is None,
    )


def _settings(chosen: Chosen, config: Config) -> dict[str, str]:
    """The files that units read, by name: `config`, and the settings of each variant."""
    files = {}
    for index, fixtures in enumerate(chosen.fixtures):
        variants = {name: chosen.settings(fixtures, name) for name in chosen.variants}
        files[f"{SCENARIO_SETTINGS}{settings_suffix(index)}"] = to_text(replace(config, variants=variants))
    return files


def _command(options: Options) -> tuple[str, ...]:
    """The command that runs scenarios like these, without its selectors."""
    values = {
        "--suite": options.suite_file,
        "--variant": options.variant,
        "--folder": options.folder,
        "--fixtures": options.fixtures,
        "--bin": options.programs,
    }
    return (
        "longpole",
        "scenario",
        *(word for name, value in values.items() if value is not None for word in (name, value)),
        *(["--no-skip"] if options.no_skip else []),
    )


def _remove_empty(folder: str) -> None:
    try:
        os.rmdir(folder)
    except OSError:
        pass  # it holds what was kept
