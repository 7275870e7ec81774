"""What is run: the scenarios that the words name, in the variants of the suite, as a plan of their own.

Files that are in no suite get what the suite says of all scenarios; without a suite, the defaults.
"""

import os
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from longpole.gen.plan.plan import make_plan
from longpole.gen.suite.model import Module, Suite
from longpole.gen.suite.read import load_suite
from longpole.gen.suite.scenarios import Reader, modules_of, name_in_target, unit_name, without_suite
from longpole.rts_tests.contracts import yamltree
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.history import read_history
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.contracts.order import ordered
from longpole.rts_tests.contracts.plan import Plan, Unit
from longpole.rts_tests.contracts.problems import shown
from longpole.rts_tests.scenario.cache import Cache
from longpole.rts_tests.scenario.config import CACHE, absolute
from longpole.rts_tests.scenario.discover import Found
from longpole.rts_tests.scenario.fixtures import Fixtures
from longpole.rts_tests.scenario.matrix import cell_of, refuse_taken
from longpole.rts_tests.scenario.model import Scenario, Settings
from longpole.rts_tests.scenario.parse import SCENARIO
from longpole.scenarios.corpus import Corpus
from longpole.scenarios.options import Options

_SETTINGS = "{scenarios}"
"""In the command of a unit: the file of its settings."""


@dataclass(frozen=True, slots=True)
class Member:
    """A scenario to run: its module, what a user types for it, and its folder of fixtures."""

    module: Module
    selector: str
    fixtures: str


@dataclass(frozen=True, slots=True)
class Chosen:
    """The scenarios to run, in the order in which they are shown, in these variants of the suite."""

    suite: Suite
    members: tuple[Member, ...]
    variants: tuple[str, ...]
    programs: str | None
    """The folder that comes first on PATH, absolute, if it is not that of the variant."""
    strict: bool
    cache: Cache

    @property
    def fixtures(self) -> tuple[str, ...]:
        """The folders of fixtures; the settings for each are in a file of their own."""
        return tuple(dict.fromkeys(member.fixtures for member in self.members))

    def plan(self, state: Path) -> Plan:
        """The plan, in the order in which its units start."""
        variants = tuple(each for each in self.suite.variants if each.name in self.variants)
        modules = tuple(replace(member.module, variants=self.variants) for member in self.members)
        suite = replace(self.suite, variants=variants, modules=modules)
        plan = make_plan(suite)
        folders = self.fixtures
        changed = dict(plan.modules)
        for member in self.members:
            module = changed[member.module.name]
            suffix = settings_suffix(folders.index(member.fixtures))
            words = tuple(f"{word}{suffix}" if word == _SETTINGS else word for word in module.run or ())
            changed[module.name] = replace(module, run=words)
        return ordered(replace(plan, modules=changed), read_history(state))

    def in_order(self, units: Sequence[Unit]) -> tuple[Unit, ...]:
        """The units in the order in which they are shown."""
        places = {member.module.name: index for index, member in enumerate(self.members)}
        variants = {name: index for index, name in enumerate(self.variants)}
        return tuple(sorted(units, key=lambda unit: (variants[unit.variant], places[unit.module])))

    def settings(self, fixtures: str, variant: str) -> Settings:
        """What the units with this folder of fixtures are told in a variant; paths in it are absolute."""
        assert self.suite.scenarios is not None
        settings = self.suite.scenarios.settings[variant]
        return absolute(replace(settings, fixtures=fixtures, bin=self.programs or settings.bin))

    def read(self, member: Member) -> Scenario:
        """The scenario. Raises `UseError` with all the errors of its file."""
        path = member.module.scenario
        assert path is not None and self.suite.scenarios is not None
        fixtures, strict = Fixtures(member.fixtures), self.strict
        whole = self.cache.scenario(yamltree.read(path, SCENARIO), path, fixtures, strict=strict)
        refuse_taken(whole, self.settings(member.fixtures, self.variants[0]))
        return cell_of(whole, member.module.cell)


def settings_suffix(index: int) -> str:
    """What is appended to the name of the file of settings for the folder of fixtures with this index."""
    return f".{index}" if index else ""


def choose(corpus: Corpus, found: Sequence[Found], options: Options, state: Path) -> Chosen:
    """What is run if `found` are meant. Raises `UseError`."""
    cache = Cache(str(state / CACHE))
    if corpus.suite_file is not None:
        suite = load_suite(corpus.suite_file, cache)
    else:
        suite = without_suite(os.path.basename(os.getcwd()) or "scenarios", corpus.folder)
    variants = _variants(suite, options.variant)
    members = tuple(_members(corpus, found, options.selectors, suite, cache))
    programs = None if options.programs is None else os.path.abspath(options.programs)
    for path in (*(each.path for each in found), *(member.fixtures for member in members), programs or ""):
        _refuse_other_than_text(path)
    if programs is not None and not os.path.isdir(programs):
        raise UseError.at("--bin", f"{shown(options.programs or '')} is not a folder", "name a folder of programs")
    return Chosen(suite, members, variants, programs, corpus.strict, cache)


def _refuse_other_than_text(path: str) -> None:
    """Raise `UseError` for a path that is no UTF-8: it could not be in a plan or in a record."""
    try:
        path.encode()
    except UnicodeEncodeError:
        raise UseError.at(path, "this name is not UTF-8", "rename it") from None


def _members(
    corpus: Corpus, found: Sequence[Found], selectors: Collection[str], suite: Suite, cache: Cache
) -> list[Member]:
    assert suite.scenarios is not None
    own: dict[str, list[Module]] = {}
    for module in suite.modules:
        if module.scenario is not None:
            own.setdefault(os.path.normpath(module.scenario), []).append(module)
    reader = corpus.reader()
    cells = corpus.cells(selectors)
    taken = {name_in_target(module.name) for module in suite.modules}
    members = []
    for each in found:
        fixtures = reader.fixtures_of(each.path)
        modules = own.get(os.path.normpath(each.path))
        if modules is None or corpus.overrides:
            named = unit_name(each, taken)
            private_tmp = suite.scenarios.private_tmp
            read = Reader(fixtures, cache, strict=corpus.strict, private_tmp=private_tmp)
            modules = modules_of(named, read, suite.scenarios.shared)
            taken |= {name_in_target(module.name) for module in modules}
        elif not corpus.overrides:
            fixtures = suite.scenarios.fixtures
        wanted = cells.get(each.path)
        members += [
            Member(module, _selector(each, module, corpus), fixtures)
            for module in modules
            if wanted is None or module.cell in wanted
        ]
    return members


def _selector(found: Found, module: Module, corpus: Corpus) -> str:
    """What a user types for a scenario: `group:stem`, or its path, where that is not in the folder of scenarios."""
    is_inside = Path(found.path).parent in (Path(corpus.folder), Path(corpus.folder, found.group))
    selector = f"{found.group}:{found.stem}" if is_inside and found.group else found.path
    return f"{selector}--{module.cell}" if module.cell else selector


def _variants(suite: Suite, wanted: str | None) -> tuple[str, ...]:
    names = tuple(each.name for each in suite.variants)
    if wanted is None:
        return names
    if wanted not in names:
        near = nearest(wanted, names)
        remedy = f"did you mean {near}?" if near else f"the suite has {', '.join(names)}"
        raise UseError.at("--variant", f"there is no variant {shown(wanted)}", remedy)
    return (wanted,)
