"""The names of all adapters of `longpole init`: here, because `longpole --help` imports nothing of `gen`."""

NAMES = ("cargo", "ctest", "go", "maven", "meson", "node", "pytest")
"""Each is a module of `longpole.gen.adapters`, whose `ADAPTER` is the adapter."""
