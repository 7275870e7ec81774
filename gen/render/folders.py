"""The folders of templates: the project's own first, then those that came with Longpole."""

import re
from pathlib import Path

import longpole
from longpole.rts_tests.contracts.files import read_regular

SKELETON = "Makefile.in"
"""The template of the Makefile."""

WORKFLOWS_OF_PROJECT = Path("templates/workflows/project")
"""A project's own jobs; they are added to the workflow of the same name."""

WORKFLOW_KINDS = GITHUB, GITHUB_PLAIN = "github", "github-plain"
"""Who builds in the workflows of GitHub: Nix, or the project's own tools."""

GITLAB = "gitlab"
CI_KINDS = (*WORKFLOW_KINDS, GITLAB)
"""What `longpole render --ci=KIND` renders for."""

TARGETS_OF_PROJECT = Path("templates/project.mk")
"""A project's own make targets. Those of Longpole's checkout are not used in other projects."""

_CAME_WITH = Path(longpole.__file__).parent
_INCLUDES_UNITS = re.compile(rb"""\{%-?\s*include\s+["']units\.mk["']""")


def skeleton(root: Path) -> Path:
    """The template of the Makefile: the project's own, else the one that came with Longpole.

    Other tools have a `Makefile.in`, too, such as automake. So the project's own counts only if it includes `units.mk`.
    """
    for path in (root / SKELETON, root / "templates" / SKELETON):
        if path.is_file() and _INCLUDES_UNITS.search(read_regular(path)):
            return path
    return (_CAME_WITH / SKELETON).resolve()


def own_skeleton(root: Path) -> bool:
    """Whether the project has a skeleton of its own."""
    return skeleton(root).is_relative_to(root)


def template_folders(root: Path) -> list[Path]:
    """The folders that exist, in the order in which they are searched."""
    return [folder for folder in (root / "templates", (_CAME_WITH / "templates").resolve()) if folder.is_dir()]


def template_inputs(root: Path) -> list[Path]:
    """The template files that the Makefile may be rendered from, each once, in a fixed order."""
    own = root / TARGETS_OF_PROJECT
    names = {own.name: own} if own.is_file() else {}
    for folder in template_folders(root):
        for path in sorted(folder.glob("*.mk")):
            if path.name != own.name:
                names.setdefault(path.name, path)
    return [skeleton(root)] + [names[name] for name in sorted(names)]


def workflow_inputs(root: Path) -> list[Path]:
    """The template files of workflows, the project's own jobs first."""
    folders = [root / WORKFLOWS_OF_PROJECT, *(folder / "workflows" for folder in template_folders(root))]
    return [path for folder in folders for path in sorted(folder.glob("*.yml"))]
