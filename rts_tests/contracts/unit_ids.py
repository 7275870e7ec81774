"""The ids of units."""


def unit_id(variant: str, module: str, chunk: int | None, fork: int | None) -> str:
    """`variant/module`, `variant/module[chunk]` or `variant/module[fork-k]`."""
    if fork is not None:
        return f"{variant}/{module}[fork-{fork}]"
    return f"{variant}/{module}" if chunk is None else f"{variant}/{module}[{chunk}]"
