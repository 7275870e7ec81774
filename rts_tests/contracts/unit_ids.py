"""The ids of units, and the goals that stand for several of them."""


def unit_id(variant: str, module: str, chunk: int | None, fork: int | None) -> str:
    """`variant/module`, `variant/module[chunk]` or `variant/module[fork-k]`."""
    if fork is not None:
        return f"{variant}/{module}[fork-{fork}]"
    return f"{variant}/{module}" if chunk is None else f"{variant}/{module}[{chunk}]"


def module_goal(variant: str, module: str) -> str:
    """The make target of a module in a variant; of a scenario in a group too, whose name has a `/`."""
    return f"test-{variant}-{module.replace('/', '-')}"


def group_goal(variant: str, module: str) -> str | None:
    """The make target of the group of a scenario in a variant; None if it is in no group."""
    group, slash, _ = module.partition("/")
    return f"test-{variant}-{group}" if slash else None


def file_goal(variant: str, module: str, cell: str) -> str | None:
    """The make target of all cells of a scenario's matrix in a variant; None for a module that is no cell."""
    return module_goal(variant, module.removesuffix(f"--{cell}")) if cell else None
