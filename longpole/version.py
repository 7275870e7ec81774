"""The version, in one place: pyproject.toml, nix/longpole.nix and `longpole --version` read it from here."""

VERSION = "0.1.0"
