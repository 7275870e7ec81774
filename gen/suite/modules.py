"""The modules of a suite: their variants and their seeds, checked, with all defaults filled in."""

from typing import TYPE_CHECKING

from longpole.gen.suite.args import check_used, words_of
from longpole.gen.suite.commands import Checked, is_warm
from longpole.gen.suite.forks import OF_OTHERS, read_forks, read_results
from longpole.gen.suite.model import Module
from longpole.gen.suite.select import read_select
from longpole.gen.suite.variants import Variants, env_of
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.contracts.tree import Entry, Node, Scalar, Sequence, mapping_of

if TYPE_CHECKING:
    from longpole.gen.suite.schema import LimitsSpec, ModuleSpec


def read_module(  # long: every field of a module is named once
    entry: Entry,
    spec: "ModuleSpec",
    limits: "LimitsSpec",
    variants: Variants,
    bad: frozenset[Node],
) -> tuple[Module, Scalar]:
    """The module, as far as it is valid, and its key."""
    own = mapping_of(entry)
    chosen = _chosen(entry, variants, bad)
    run = variants.command("run", own)
    cwd = variants.cwd_of_module(entry)
    forks = read_forks(entry, spec, chosen, variants) if "forks" in own.entries else None
    _check_seeds(entry, spec, chosen, variants)
    if "forks" not in own.entries:
        _check_commands(entry, run, chosen, variants)
    module = Module(
        name=entry.key.text,
        weight=spec.weight,
        seeds=spec.seeds or 0,
        first_seed=spec.first_seed or 0,
        chunks=spec.chunks,
        seed_policy=spec.seed_policy or ("fixed" if spec.seeds else None),
        timeout_s=spec.timeout if spec.timeout is not None else limits.timeout,
        timeout_cpu_s=spec.timeout_cpu if spec.timeout_cpu is not None else limits.timeout_cpu,
        retries=spec.retries if spec.retries is not None else limits.retries,
        leaks=spec.leaks,
        variants=chosen,
        env=env_of(own),
        slots=spec.slots or (max(1, spec.forks.threads) if spec.forks else 1),
        memory_bytes=spec.memory,
        exclusive=spec.exclusive,
        locks=tuple(sorted(spec.locks)),
        skip_status=spec.skip_status,
        run=run.command if run else None,
        warm=run is not None and run.wasm_call,
        cwd=cwd,
        needs=variants.needs(own),
        args=_args(entry, run, chosen, variants),
        labels=tuple(sorted(spec.labels or ())),
        forks=forks,
        results=read_results(entry, spec, variants.problems),
        select=read_select(entry, spec, chosen, variants),
    )
    return module, entry.key


def _check_commands(entry: Entry, run: Checked | None, chosen: tuple[str, ...], variants: Variants) -> None:
    """Check the command of a module's units in each of its variants; `run` is the module's own, if that is valid."""
    own = mapping_of(entry).entries.get("run")
    if own is not None and (run is None or "args" in run.used):
        variants.unused_args.use(chosen)
    for variant in chosen:
        if own is not None and run is not None:
            variants.check_artifact(variant, "run", run, own.value, entry)
        command = variants.run_of(variant) if own is None else run
        if command is not None and is_warm(command.command):
            variants.check_cwd_of_call(variant, entry)


def _args(entry: Entry, run: Checked | None, chosen: tuple[str, ...], variants: Variants) -> tuple[str, ...]:
    """The words under `args`; report them if the command of the module's units has no place for them."""
    node, problems = variants.given("args", mapping_of(entry)), variants.problems
    if node is None:
        return ()
    entries = mapping_of(entry).entries
    if "forks" in entries:
        return words_of("args", node, problems)
    if "run" in entries:
        if run is not None:
            check_used("args", node, run, f"module {shown(entry.key.text)}", problems)
        return words_of("args", node, problems)
    runs = ((variant, variants.runs.get(variant)) for variant in chosen)
    without = next(((variant, run) for variant, run in runs if run is not None and "args" not in run.used), None)
    if without is not None:  # one is enough
        check_used("args", node, without[1], f"variant {shown(without[0])}", problems)
    return words_of("args", node, problems)


def _chosen(entry: Entry, variants: Variants, bad: frozenset[Node]) -> tuple[str, ...]:
    """The names of the variants that a module is run in, in the file's order."""
    own, problems = mapping_of(entry), variants.problems
    named: dict[str, dict[str, Scalar]] = {}
    complete = True
    for key in ("only", "except"):
        given = own.entries.get(key)
        if given is None:
            continue
        if given.value in bad or given.key in bad or not isinstance(given.value, Sequence):
            complete = False
            continue
        items = [item for item in given.value.items if isinstance(item, Scalar)]
        named[key] = {item.text: item for item in items}
        for item in items:
            if item.text not in variants.keys:
                complete = False
                known = ", ".join(variants.names[:20])
                remedy = problems.suggest(item.text, variants.names, f"the variants are {known}")
                problems.add(item, f"there is no variant {shown(item.text)}", remedy)
    for name, item in named.get("except", {}).items():
        if name in named.get("only", {}):
            complete = False
            problems.add(item, f"variant {shown(name)} is both in `only` and in `except`", "remove one of the two")
    only, excluded = named.get("only"), named.get("except", {})
    chosen = tuple(name for name in variants.names if (only is None or name in only) and name not in excluded)
    if not chosen and complete and variants.names:
        what = f"module {shown(entry.key.text)} is left with no variant"
        problems.add(entry.key, what, "widen `only` or `except`, or remove the module")
    return chosen


def _check_seeds(entry: Entry, spec: "ModuleSpec", chosen: tuple[str, ...], variants: Variants) -> None:
    name, entries, problems = entry.key.text, mapping_of(entry).entries, variants.problems
    if "seeds" not in entries:
        for key in ("chunks", "seed_policy", "first_seed"):
            if key in entries and not ("forks" in entries and key in OF_OTHERS):
                what = f"`{key}` of module {shown(name)} needs `seeds`"
                problems.add(entries[key].key, what, "add `seeds:`, the number of seeds, or remove it")
        return
    if spec.seeds is None:
        return
    if spec.chunks is not None and spec.chunks > spec.seeds:
        what = f"module {shown(name)} has {spec.chunks} chunks for {spec.seeds} seeds"
        problems.add(entries["chunks"].value, what, f"write at most {spec.seeds}, or more seeds")
        return
    if spec.seed_policy == "commit":
        if spec.first_seed is not None:
            what = f"module {shown(name)} has a `first_seed`, and its seeds come from the commit"
            problems.add(entries["first_seed"].key, what, "remove it, or write `seed_policy: fixed`")
        if spec.seeds > (spec.chunks or 1) and ("chunks" not in entries or spec.chunks is not None):
            _check_commit_seeds(entry, spec.seeds, chosen, variants)
    elif spec.first_seed is not None and spec.first_seed + spec.seeds > 2**32:
        what = f"the last of {spec.seeds} seeds from {spec.first_seed} is above {2**32 - 1}, the largest seed"
        problems.add(entries["first_seed"].value, what, f"write at most {2**32 - spec.seeds}")


def _check_commit_seeds(entry: Entry, seeds: int, chosen: tuple[str, ...], variants: Variants) -> None:
    """Seeds from the commit are not a range, so a unit with several of them needs {seeds}."""
    own = mapping_of(entry).entries.get("run")
    if "forks" in mapping_of(entry).entries:
        return  # `read_forks` has checked their command
    for variant in chosen:
        run: Checked | None = variants.runs.get(variant) if own is None else variants.command("run", mapping_of(entry))
        if run and (used := run.used & {"first_seed", "seed_count"}):
            words = " and ".join(f"{{{each}}}" for each in sorted(used))
            what = (
                f"units of module {shown(entry.key.text)} get several seeds from the commit, which are not a range, "
                f"and {f'`run` of variant {shown(variant)}' if own is None else 'its own `run`'} uses {words}"
            )
            place = mapping_of(entry).entries["seed_policy"].value
            remedy = f"give every unit one seed by `chunks: {seeds}`"
            if not run.wasm_call:  # a function that takes integers cannot be given a list
                remedy = f"use {{seeds}} there, or {remedy}"
            variants.problems.add(place, what, remedy)
            return
