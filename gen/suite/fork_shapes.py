"""The shape of `forks` and `results` in `suite.yaml`.

Importing this file imports pydantic, like `schema`.
"""

from typing import Annotated, Literal

from pydantic import ConfigDict, Field

from longpole.gen.suite.command_shapes import ForkCommand, Strict
from longpole.gen.suite.values import GIVEN, MAX_SLOTS, Text


class ForksSpec(Strict):
    """The processes of a test framework, which share the module's test classes (or files)."""

    list: ForkCommand = Field(
        description="The command that prints the names of the classes, one a line. Placeholders: make, python, "
        "longpole_python, clients, variant, target_dir, artifact, module, args.",
        examples=[["{python}", "{clients}/pytest", "list", "tests"]],
    )
    run: ForkCommand = Field(
        description="The command that is one fork. Placeholders: those of `list`, and fork, forks, threads, classes "
        "(one word for each class), classes_file, queue, first_seed, seed_count, seeds, and port:NAME for a free port.",
        examples=[["{python}", "{clients}/pytest", "run", "{classes_file}"]],
    )
    max_forks: int = Field(default=1, ge=1, le=64, description="The number of forks, if there are as many classes.")
    threads: int = Field(
        default=1, ge=0, le=MAX_SLOTS, description="Threads of each fork, {threads}; 0 for as many as processors."
    )
    stealing: bool = Field(
        default=False,
        description="Whether forks take class after class from a shared queue, instead of each getting its classes "
        "when it starts. The client must support it.",
    )
    warm: Annotated[Literal["pytest"] | None, GIVEN] = Field(
        default=None,
        description="`pytest`: each fork is forked from a process that has imported pytest, its plugins and the tests.",
    )
    debug_ports: Literal["refuse", "shift"] = Field(
        default="refuse",
        description="What happens to a fixed debug port in the command or its environment with more than one fork: an "
        "error, or another port in each fork.",
    )


class ResultsSpec(Strict):
    """Where units tell of the tests that they ran; one of the keys."""

    model_config = ConfigDict(json_schema_extra={"minProperties": 1, "maxProperties": 1})

    protocol: Annotated[Literal["stdout"] | None, GIVEN] = Field(
        default=None, description="Longpole's own protocol, on standard output."
    )
    tap: Annotated[Literal["stdout"] | None, GIVEN] = Field(default=None, description="TAP, on standard output.")
    libtest: Annotated[Literal["stdout"] | None, GIVEN] = Field(
        default=None, description="What a test binary of Rust prints, on standard output."
    )
    go: Annotated[Literal["stdout"] | None, GIVEN] = Field(
        default=None, description="What a test binary of Go prints with -test.v, on standard output."
    )
    junit: Annotated[Text | None, GIVEN] = Field(
        default=None,
        description="JUnit XML: a file or glob in TMPDIR, relative to it.",
        examples=["junit.xml", "reports/*.xml"],
    )
