"""The ids of units, and the goals that stand for several of them."""


def unit_id(variant: str, module: str, chunk: int | None, fork: int | None) -> str:
    """`variant/module`, `variant/module[chunk]` or `variant/module[fork-k]`."""
    if fork is not None:
        return f"{variant}/{module}[fork-{fork}]"
    return f"{variant}/{module}" if chunk is None else f"{variant}/{module}[{chunk}]"


def module_goal(variant: str, module: str) -> str:
    """The make target of a module in a variant; of a scenario in a group too, whose name has a `/`."""
    return f"test-{variant}-{module.replace('/', '-')}"


def scenario_goals(variant: str, module: str, cell: str) -> tuple[str, ...]:
    """The make targets that stand for several scenarios in a variant: those of its group, all cells of its file.

    `cell` is empty for a module that is no cell of a matrix.
    """
    group, slash, _ = module.partition("/")
    of_group = (f"test-{variant}-{group}",) if slash else ()
    of_file = (module_goal(variant, module.removesuffix(f"--{cell}")),) if cell else ()
    return of_group + of_file
