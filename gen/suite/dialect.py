"""What a suite is called in messages about its YAML."""

from longpole.rts_tests.contracts.yamltree import Dialect

SUITE = Dialect("a suite", "begin it with `version: 1`", "five levels", "share keys by `defaults:`", "docs/suite.md")
