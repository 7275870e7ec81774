"""The names that were in this file before it was split, until no other file imports them from here."""

from longpole.gen.suite.model import Command, Limits, Module, Platform, Suite, Variant
from longpole.gen.suite.read import load_suite, suite_from_bytes

__all__ = ["Command", "Limits", "Module", "Platform", "Suite", "Variant", "load_suite", "suite_from_bytes"]
