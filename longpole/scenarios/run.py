"""`longpole scenario`: from the words that were typed to what they ask for."""

import os
import sys
import tempfile
from dataclasses import replace
from functools import partial

from longpole.options import show
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.plan_parts import SCENARIO_SETTINGS
from longpole.rts_tests.machine.processes import usable_cores
from longpole.rts_tests.report.formats.scenario_text import Again, Wanted, scenario_report
from longpole.rts_tests.run.request import Request
from longpole.rts_tests.run.scenarios import Asked, run_scenarios
from longpole.rts_tests.run.select import select
from longpole.rts_tests.scenario.check import checked, listing
from longpole.rts_tests.scenario.conditions import has_tags
from longpole.rts_tests.scenario.config import CACHE, Config, to_text
from longpole.rts_tests.scenario.discover import Found
from longpole.rts_tests.scenario.golden_files import refuse_update_on_ci
from longpole.rts_tests.scenario.jobs import VARIABLE, Jobs, jobs_of
from longpole.rts_tests.scenario.show import known_variables, scenario_lines
from longpole.rts_tests.state.run_folders import state_dir
from longpole.rts_tests.view.settings import ORDER, VIEW, Settings
from longpole.scenarios.chosen import Chosen, choose, settings_suffix
from longpole.scenarios.corpus import Corpus, corpus_of
from longpole.scenarios.options import Options, check_options

_KEPT = "longpole-kept-"


def run(options: Options) -> int:
    """Do what the options ask for; return the exit status. Raises `UseError`."""
    check_options(options, _jobs(options, None))
    if options.update:
        refuse_update_on_ci(os.environ)
    corpus = corpus_of(options.suite_file, folder=options.folder, fixtures=options.fixtures)
    if options.as_list:
        return _list(corpus, options)
    if options.as_text:
        return _show(corpus, options)
    return _run(corpus, options)


def _jobs(options: Options, suite: int | None) -> Jobs:
    variable = os.environ.get(VARIABLE)
    return jobs_of(options.jobs, variable, parallel=options.parallel, suite=suite, cores=usable_cores())


def _selected(corpus: Corpus, options: Options) -> tuple[Found, ...]:
    """The scenarios that are meant, by their names and tags; also those that have errors. Raises `UseError`."""
    found = corpus.selected(options.selectors)
    if not options.tags and not options.not_tags:
        return found
    reader = corpus.reader()
    read = ((each, reader.read(each.path)) for each in found)
    tagged = tuple(
        each
        for each, scenario in read
        if isinstance(scenario, UseError) or has_tags(scenario.tags, options.tags, options.not_tags)
    )
    if not tagged:
        words = " ".join([*(f"--tag {tag}" for tag in options.tags), *(f"--not-tag {tag}" for tag in options.not_tags)])
        raise UseError.at(
            words, "selects no scenario", "`tags` in a scenario has its tags", ExitStatus.NOTHING_SELECTED
        )
    return tagged


def _list(corpus: Corpus, options: Options) -> int:
    show("\n".join(listing(_selected(corpus, options), corpus.reader())))
    return ExitStatus.PASSED


def _show(corpus: Corpus, options: Options) -> int:
    """Print the scenarios; those with errors are reported together."""
    found = _selected(corpus, options)
    result = checked(found, corpus.reader())
    if result.error is not None:
        raise result.error
    chosen = choose(corpus, found, options, state_dir())
    texts = []
    for member in chosen.members:
        scenario = chosen.read(member)
        known = known_variables(scenario, chosen.settings(member.fixtures, chosen.variants[0]))
        texts.append("\n".join(scenario_lines(scenario, known, checks=options.checks)))
    show("\n\n".join(texts))
    return ExitStatus.PASSED


def _run(corpus: Corpus, options: Options) -> int:
    request = Request.from_environ(("scenario",), dict(os.environ))
    chosen = choose(corpus, _selected(corpus, options), options, request.state)
    if options.interactive or options.setup_only:
        from longpole.scenarios.alone import alone

        return alone(chosen, options, request.state)
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
    kept = tempfile.mkdtemp(prefix=_KEPT) if options.keep else None
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
        jobs=_jobs(options, chosen.suite.limits.jobs).number,
    )
    try:
        return run_scenarios(plan, asked, request)
    finally:
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
    )


def _remove_empty(folder: str) -> None:
    try:
        os.rmdir(folder)
    except OSError:
        pass  # it holds what was kept
