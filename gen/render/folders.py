"""The folders of templates: the project's own first, then those that came with Longpole."""

from pathlib import Path

import longpole

SKELETON = "Makefile.in"
"""The template of the Makefile."""

WORKFLOWS_OF_PROJECT = Path("templates/workflows/project")
"""A project's own jobs; they are added to the workflow of the same name."""

WORKFLOW_KINDS = GITHUB, GITHUB_PLAIN = "github", "github-plain"
"""Who builds in the workflows of GitHub: Nix, or the project's own tools."""

TARGETS_OF_PROJECT = Path("templates/project.mk")
"""A project's own make targets. Those of Longpole's checkout are not used in other projects."""

_CAME_WITH = [Path(longpole.__file__).parent.joinpath(name).resolve() for name in (".", "templates")]


def template_folders(root: Path) -> list[Path]:
    """The folders that exist, in the order in which they are searched."""
    return [folder for folder in (root, root / "templates", *_CAME_WITH) if folder.is_dir()]


def template_inputs(root: Path) -> list[Path]:
    """The template files that the Makefile may be rendered from, each once, in a fixed order."""
    folders = template_folders(root)
    skeleton = [folder / SKELETON for folder in folders if (folder / SKELETON).is_file()][:1]
    own = root / TARGETS_OF_PROJECT
    names = {own.name: own} if own.is_file() else {}
    for folder in folders:
        for path in sorted(folder.glob("*.mk")):
            if path.name != own.name:
                names.setdefault(path.name, path)
    return skeleton + [names[name] for name in sorted(names)]


def workflow_inputs(root: Path) -> list[Path]:
    """The template files of workflows, the project's own jobs first."""
    folders = [root / WORKFLOWS_OF_PROJECT, *(folder / "workflows" for folder in template_folders(root))]
    return [path for folder in folders for path in sorted(folder.glob("*.yml"))]
