"""The version, said once: pyproject.toml, nix/longpole.nix and `longpole --version` read it here."""

VERSION = "0.1.0"
