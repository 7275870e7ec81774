"""Projects of others, that tests adopt: exact versions, whose contents the registries' clients check."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

CACHE = Path(__file__).resolve().parents[2] / ".longpole" / "foreign"
"""Where the sources are, each project in a folder of its own."""


@dataclass(frozen=True, slots=True)
class Foreign:
    """A project that is tested by `runner`, and published by way of `client`, as a source with its tests.

    `digest` is that of the client: SHA-256 of a crate, an sdist or an upstream archive, the sum in go.sum of a module.
    """

    runner: str
    client: str
    name: str
    version: str
    digest: str
    tests: int
    """As many as its own runner lists."""
    folder: str = "."
    """That of the project, in the source."""
    environ: Mapping[str, str] = field(default_factory=dict)
    contents: str = ""
    """What `longpole init` says that there is, where that is not the number of tests."""

    @property
    def id(self) -> str:
        """Its runner, name and version, for people."""
        return f"{self.runner}-{self.name.rpartition('/')[2]}-{self.version}"

    @property
    def source(self) -> Path:
        """Where its source is when it has been fetched."""
        return CACHE / self.id


_SOURCES = {"PYTHONPATH": "src"}

FOREIGN = (
    Foreign(
        "cargo", "cargo", "semver", "1.0.27", "d767eb0aabc880b29956c35734170f26ed551a859dbd361d140cdbeca61ab1e2", 38
    ),
    Foreign("cargo", "cargo", "fnv", "1.0.7", "3f9eec918d3f24069decb9af1554cad7c880e2da24a9afd88aca000531ab82c1", 3),
    Foreign(
        "ctest",
        "cargo",
        "lzfse-sys",
        "1.0.0",
        "a32a73f6f18343eabb4439733ef7e3cbf6809e73e3f111950bdc5d4367696af9",
        15,
        folder="lzfse",
    ),
    Foreign("go", "go", "github.com/google/uuid", "v1.6.0", "h1:NIvaJDMOsjHA8n1jAhLSgzrAzy1Hgr+hNrb57e+94F0=", 43),
    Foreign("go", "go", "github.com/BurntSushi/toml", "v1.4.0", "h1:kuoIxZQy2WRRk1pttg9asf+WVv6tWQuBNVmK8+nqPr0=", 66),
    Foreign(
        "maven",
        "maven",
        "commons-cli/commons-cli",
        "1.6.0",
        "2fc1ae1770c09d5fba30284fbca6b369c1ef8cf63a1fee4394602bb616100093",
        448,
        contents="28 test classes",
    ),
    Foreign(
        "meson", "apt", "graphene", "1.10.8", "52e3f69828a2e1895a29d08d8a457ecad7a7a554901596069284fd9cf092fcf9", 21
    ),
    Foreign(
        "pytest",
        "pip",
        "pluggy",
        "1.6.0",
        "7dcc130b76258d33b90f61b658791dede3486c3e6bfb003ee5c9bfb396dd22f3",
        124,
        environ=_SOURCES,
    ),
    Foreign(
        "pytest",
        "pip",
        "cachetools",
        "5.5.2",
        "1a661caa9175d26759571b2e19580f9d6393969e5dfca11fdb1f947a23e640d4",
        216,
        environ=_SOURCES,
    ),
)
