"""`longpole scenario`: from the words that were typed to what they ask for."""

import os

from longpole.options import show
from longpole.rts_tests.contracts.errors import UseError
from longpole.rts_tests.contracts.exit_status import ExitStatus
from longpole.rts_tests.contracts.nearest import nearest
from longpole.rts_tests.scenario.check import checked, listing
from longpole.rts_tests.scenario.conditions import has_tags
from longpole.rts_tests.scenario.discover import Found
from longpole.rts_tests.scenario.golden_files import refuse_update_on_ci
from longpole.rts_tests.scenario.show import known_variables, scenario_lines
from longpole.rts_tests.state.run_folders import state_dir
from longpole.scenarios.corpus import Corpus, corpus_of
from longpole.scenarios.options import Options, check_options, jobs_asked


def run(options: Options) -> int:
    """Do what the options ask for; return the exit status. Raises `UseError`."""
    check_options(options, jobs_asked(options, None))
    if options.update:
        refuse_update_on_ci(os.environ)
    corpus = corpus_of(options.suite_file, folder=options.folder, fixtures=options.fixtures)
    if options.as_list:
        return _list(corpus, options)
    if options.as_text:
        return _show(corpus, options)
    if options.interactive or options.setup_only:
        from longpole.scenarios.alone import alone

        return alone(corpus, _selected(corpus, options), options)
    from longpole.scenarios.together import together

    return together(corpus, _selected(corpus, options), options)


def _selected(corpus: Corpus, options: Options) -> tuple[Found, ...]:
    """The scenarios that are meant, by their names and tags; also those that have errors. Raises `UseError`."""
    found = corpus.selected(options.selectors)
    if not options.tags and not options.not_tags:
        return found
    reader = corpus.reader()
    tagged = []
    known: set[str] = set()
    for each in found:
        scenario = reader.read(each.path)
        known.update(() if isinstance(scenario, UseError) else scenario.tags)
        if isinstance(scenario, UseError) or has_tags(scenario.tags, options.tags, options.not_tags):
            tagged.append(each)
    if not tagged:
        words = " ".join([*(f"--tag {tag}" for tag in options.tags), *(f"--not-tag {tag}" for tag in options.not_tags)])
        raise UseError.at(words, "selects no scenario", _known_tags(options, known), ExitStatus.NOTHING_SELECTED)
    return tuple(tagged)


def _known_tags(options: Options, known: set[str]) -> str:
    """What to write instead of tags that select nothing."""
    unknown = (tag for tag in options.tags if tag not in known)
    near = next(filter(None, (nearest(tag, sorted(known)) for tag in unknown)), None)
    if near is not None:
        return f"did you mean `--tag {near}`?"
    return f"the tags are {', '.join(sorted(known))}" if known else "none of them has `tags`"


def _list(corpus: Corpus, options: Options) -> int:
    found, cells = _selected(corpus, options), corpus.cells(options.selectors)
    show("\n".join(listing(found, corpus.reader(), cells)))
    return ExitStatus.PASSED


def _show(corpus: Corpus, options: Options) -> int:
    """Print the scenarios; those with errors are reported together."""
    found = _selected(corpus, options)
    result = checked(found, corpus.reader())
    if result.error is not None:
        raise result.error
    from longpole.scenarios.chosen import choose  # it reads the whole suite

    chosen = choose(corpus, found, options, state_dir())
    texts = []
    for member in chosen.members:
        scenario = chosen.read(member)
        known = known_variables(scenario, chosen.settings(member.fixtures, chosen.variants[0]))
        texts.append("\n".join(scenario_lines(scenario, known, checks=options.checks)))
    show("\n\n".join(texts))
    return ExitStatus.PASSED
