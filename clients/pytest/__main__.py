"""The pytest client of Longpole: `python clients/pytest list|run ...`; see docs/forks-pytest.md."""

import importlib.util
import os
import sys

_NAME = "longpole_pytest"


def _load() -> None:
    """Import the package beside this file by its place: nothing of ours is put on the path of the tests."""
    folder = os.path.join(os.path.dirname(os.path.abspath(__file__)), _NAME)
    spec = importlib.util.spec_from_file_location(
        _NAME, os.path.join(folder, "__init__.py"), submodule_search_locations=[folder]
    )
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[_NAME] = module
    spec.loader.exec_module(module)


if __name__ == "__main__":
    if not getattr(sys.flags, "safe_path", False):
        sys.path[0] = os.getcwd()  # it was this folder; so it is as for `python -m pytest`
    _load()
    from longpole_pytest.command import main

    sys.exit(main(sys.argv[1:]))
