"""What came and went since a suite was written: the draft of today beside the suite as it is. Pure.

A module is init's if its command has one of the draft's forms; where others have put words around it, it still is. The
rest is somebody's own, and stays. Modules that are groups of tests are compared test by test, however the draft would
group them today: what is there stays where it is. Other modules are compared by the thing that they run.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace

from longpole.gen.adapters.edit import Edit
from longpole.gen.adapters.grouping import LEAST_S, weight_of
from longpole.gen.adapters.model import Draft, Entry
from longpole.gen.adapters.suite import name_for, title_for, to_text
from longpole.gen.suite.model import Command, Module, Suite
from longpole.gen.suite.read import suite_from_bytes
from longpole.rts_tests.contracts.errors import Problem
from longpole.rts_tests.contracts.placeholders import escape
from longpole.rts_tests.contracts.quantities import count

MAX_SHOWN = 5
_ARGS = "{args}"
_NAME = r"[A-Za-z0-9_.-]+"
_HOW = "compare with what `longpole init --dry-run` prints"

Form = tuple[str, ...]
WithTests = Callable[[Sequence[str], Callable[[str], bool]], tuple[str, ...] | None]


@dataclass(frozen=True, slots=True)
class Comparison:
    """What to do, a line about each module that it touches, and what cannot be done."""

    edit: Edit
    lines: tuple[str, ...]
    notes: tuple[Problem, ...]


@dataclass(frozen=True, slots=True)
class _Known:
    """A module of the adapter's making: the thing that it runs, and whether its `args` are tests of that thing."""

    module: Module
    thing: tuple[str, ...]
    is_group: bool


@dataclass(slots=True)
class _Work:
    """What is found out on the way."""

    draft: Draft
    present: Suite
    variants: frozenset[str]
    known: list[_Known]
    with_tests: WithTests | None
    added: list[Entry] = field(default_factory=list)
    joined: dict[str, list[str]] = field(default_factory=dict)
    left: dict[str, tuple[str, ...]] = field(default_factory=dict)
    removed: list[str] = field(default_factory=list)
    notes: list[Problem] = field(default_factory=list)


def compare(draft: Draft, present: Suite, with_tests: WithTests | None = None) -> Comparison:
    """What the suite needs to run the tests of the draft, and no others. `with_tests` is that of `NamesTests`."""
    fresh = suite_from_bytes(to_text(draft).encode(), present.path)
    forms = _forms(draft, fresh)
    known = [each for module in present.modules if (each := _known(module, present, forms)) is not None]
    variants = frozenset(variant.name for variant in fresh.variants)
    work = _Work(draft, present, variants, known, with_tests)
    _note_variants(work)
    modules = {module.name: module for module in fresh.modules}
    by_thing: dict[tuple[str, ...], list[tuple[Entry, _Known]]] = {}
    for entry in draft.modules:
        new = _known(modules[entry.name], fresh, forms)
        assert new is not None, f"no form fits {entry.name}"
        by_thing.setdefault(new.thing, []).append((entry, new))
    for thing, entries in by_thing.items():
        if entries[0][1].is_group:
            _compare_groups(work, entries, [each for each in known if each.thing == thing and each.is_group])
        else:
            _compare_parts(work, [entry for entry, _ in entries], [each for each in known if each.thing == thing])
    gone = [each for each in known if each.thing not in by_thing and _runs_here(each.module, work)]
    work.removed += [each.module.name for each in gone]
    return _result(work)


def is_of(draft: Draft, present: Suite) -> bool:
    """Whether modules of the draft could run in the suite: a variant's `run` is that of the draft, if it has one."""
    run = draft.defaults.get("run")
    return not isinstance(run, list) or any(_match(variant.run.argv, run) is not None for variant in present.variants)


def _forms(draft: Draft, fresh: Suite) -> list[Form]:
    """All forms, the longest first."""
    forms = [tuple(form) for form in draft.forms]
    forms += [tuple(word.replace("{module}", "*") for word in variant.run.argv) for variant in fresh.variants]
    forms += [command.argv for module in fresh.modules if (command := _own(module)) is not None]
    return sorted(dict.fromkeys(form for form in forms if form), key=len, reverse=True)


def _own(module: Module) -> Command | None:
    return module.forks.run if module.forks is not None else module.run


def _known(module: Module, suite: Suite, forms: Iterable[Form]) -> _Known | None:
    if module.scenario is not None:
        return None
    own = _own(module)
    runs = [own] if own is not None else [each.run for each in suite.variants if each.name in module.variants]
    for run in runs:
        words = [word.replace("{module}", module.name) for word in run.argv]
        for form in forms:
            found = _match(words, form)
            if found is not None:
                thing = tuple(word for word in found if word != _ARGS and not word.startswith("-"))
                return _Known(
                    module, (module.cwd or ".", *thing), _ARGS in form and not any("*" in word for word in form)
                )
    return None


def _match(words: Sequence[str], form: Sequence[str]) -> Sequence[str] | None:
    """The words that have the form; others may stand before and after them."""
    for begin in range(len(words) - len(form) + 1):
        part = words[begin : begin + len(form)]
        if all(_fits(word, pattern) for word, pattern in zip(part, form, strict=True)):
            return part
    return None


def _fits(word: str, pattern: str) -> bool:
    if "*" not in pattern:
        return word == pattern
    return re.fullmatch(_NAME.join(map(re.escape, pattern.split("*"))), word) is not None


def _runs_here(module: Module, work: _Work) -> bool:
    """Whether the runner was asked about a variant of a module: of others nothing is known."""
    return bool(work.variants.intersection(module.variants))


def _tests(entry: Entry) -> tuple[str, ...]:
    return entry.tests or tuple(_single(word) for word in entry.keys.get("args", ()))


def _single(word: str) -> str:
    return word.replace("{{", "{").replace("}}", "}")


def _compare_parts(work: _Work, entries: Sequence[Entry], present: Sequence[_Known]) -> None:
    """One thing, in a module or in parts: it is there, or all of it comes; tests that are gone leave its words."""
    names = {module.name for module in work.present.modules}
    if not present:
        if not any(entry.name in names for entry in entries):  # else somebody has changed its command
            for entry in entries:
                _add(work, entry)
        return
    tests = {test for entry in entries for test in entry.tests}
    for each in present if tests and work.with_tests else ():
        if each.module.args and _runs_here(each.module, work):
            _leave(work, each.module, work.with_tests(each.module.args, tests.__contains__))  # type: ignore[misc]


def _compare_groups(work: _Work, entries: Sequence[tuple[Entry, _Known]], present: Sequence[_Known]) -> None:
    """Tests in groups: each stays where it is; new ones join what they belong to, else a group, or form one."""
    holder = {_single(word): each.module for each in reversed(present) for word in each.module.args}
    wanted = {test for entry, _ in entries for test in _tests(entry)}
    for each in present:
        if _runs_here(each.module, work):
            rest = tuple(word for word in each.module.args if _single(word) in wanted)
            _leave(work, each.module, rest or None)
    for entry, new in entries:
        free = [test for test in _tests(entry) if test not in holder]
        for bundle in entry.together:
            free = _join_bundle(work, bundle, free, holder, new.module)
        if free:
            # A module of one test has its name, so it is no group that others could join.
            stay = [m for m in (each.module for each in present) if len(m.args) > 1 and m.name not in work.removed]
            _place(work, entry, free, [module for module in stay if _is_like(module, new.module, work)])


def _join_bundle(
    work: _Work, bundle: Sequence[str], free: list[str], holder: dict[str, Module], like: Module
) -> list[str]:
    """Put new tests to those that they must be with; return what is left to place."""
    modules = {holder[test].name: holder[test] for test in bundle if test in holder}
    new = [test for test in bundle if test in free]
    if len(modules) > 1:
        what = f"{', '.join(bundle[:MAX_SHOWN])} must share a module, and are in {', '.join(modules)}"
        work.notes.append(Problem(work.present.path, None, None, what, "move them into one"))
    if not modules or not new:
        return free
    target = list(modules.values())[-1]
    _join(work, target, new)
    if not _is_like(target, like, work):
        what = f"{target.name} has got {', '.join(new[:MAX_SHOWN])}, and its keys may no longer fit"
        work.notes.append(Problem(work.present.path, None, None, what, _HOW))
    return [test for test in free if test not in new]


def _place(work: _Work, entry: Entry, tests: list[str], like: Sequence[Module]) -> None:
    """Put new tests into the last group of their kind if they are short together, else into one of their own."""
    seconds = float(entry.keys.get("weight", 0.0)) * len(tests) / len(_tests(entry))
    if like and seconds < LEAST_S:
        _join(work, like[-1], tests)
        return
    is_whole = len(tests) == len(_tests(entry))
    keys = {**entry.keys, "args": [escape(test) for test in tests]}
    if "weight" in keys:
        keys["weight"] = weight_of(seconds)
    name = entry.name if is_whole else name_for(title_for(tests))
    comment = entry.comment if is_whole else ""
    _add(work, replace(entry, name=name, keys=keys, tests=tuple(tests), comment=comment))


def _is_like(module: Module, new: Module, work: _Work) -> bool:
    """Whether a group may take tests of a new one: the same but for name, weight and tests, and as much time."""
    mine = replace(
        module,
        name=new.name,
        weight=new.weight,
        args=new.args,
        timeout_s=new.timeout_s,
        variants=tuple(name for name in module.variants if name in work.variants),
    )
    here = {variant.name for variant in work.present.variants}
    other = replace(new, variants=tuple(name for name in new.variants if name in here))
    return mine == other and module.timeout_s >= new.timeout_s


def _join(work: _Work, module: Module, tests: Sequence[str]) -> None:
    work.joined.setdefault(module.name, []).extend(map(escape, tests))


def _leave(work: _Work, module: Module, rest: tuple[str, ...] | None) -> None:
    if rest is None:
        work.removed.append(module.name)
    elif rest != module.args:
        work.left[module.name] = rest


def _add(work: _Work, entry: Entry) -> None:
    """Add a module under a name that is free, in the variants that there are."""
    here = [variant.name for variant in work.present.variants]
    keys = dict(entry.keys)
    if "only" in keys:
        keys["only"] = [name for name in keys["only"] if name in here]
        if not keys["only"]:
            return  # there is a note about the variant
    taken = [*(module.name for module in work.present.modules), *(each.name for each in work.added)]
    name = entry.name if entry.name.casefold() not in map(str.casefold, taken) else name_for(entry.name, taken)
    work.added.append(replace(entry, name=name, keys=keys))


def _note_variants(work: _Work) -> None:
    here = {variant.name for variant in work.present.variants}
    for entry in work.draft.variants:
        if entry.name not in here and len(work.draft.variants) > 1:
            what = f"the suite has no variant {entry.name}"
            work.notes.append(Problem(work.present.path, None, None, what, f"add it if it is to run: {_HOW}"))


def _result(work: _Work) -> Comparison:
    removed = [name for name in dict.fromkeys(work.removed) if name not in work.joined]
    words = {module.name: module.args for module in work.present.modules}
    args = {name: work.left.get(name, words[name]) for name in [*work.left, *work.joined]}
    for name in work.joined:
        args[name] = (*(() if name in work.removed else args[name]), *work.joined[name])
    remarks = frozenset(line.strip() for entry in work.draft.modules for line in entry.comment.splitlines())
    edit = Edit(tuple(work.added), args, tuple(removed), remarks)
    return Comparison(edit, tuple(_lines(work, edit, words)), tuple(work.notes))


def _lines(work: _Work, edit: Edit, words: dict[str, tuple[str, ...]]) -> Iterator[str]:
    for entry in edit.added:
        tests = _tests(entry)
        yield f"added {entry.name}: {count(len(tests), 'test')}" if tests else f"added {entry.name}"
    for name, new in edit.args.items():
        came = (
            [_single(word) for word in new[len(new) - len(work.joined.get(name, ())) :]] if name in work.joined else []
        )
        went = [_single(word) for word in words[name] if word not in new]
        yield f"changed {name}: {'; '.join([*_named('added', came), *_named('removed', went)])}"
    for name in edit.removed:
        yield f"removed {name}: its tests are gone"


def _named(what: str, names: Sequence[str]) -> list[str]:
    more = f" and {len(names) - MAX_SHOWN} more" if len(names) > MAX_SHOWN else ""
    return [f"{what} {', '.join(names[:MAX_SHOWN])}{more}"] if names else []
