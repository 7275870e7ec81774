"""Random scenarios as YAML: the same values in all of its styles."""

from random import Random
from typing import Any

import yaml


class Plain(str):
    """A text that is written without quotes, though YAML would make something else of it: `true`, `5`, `1.50`."""

    __slots__ = ()


class _Dumper(yaml.SafeDumper):
    """Writes texts in a style of the day."""

    random: Random
    nothing: str
    """How null is written. In flow style it cannot be empty."""

    def ignore_aliases(self, data: Any) -> bool:
        """Whether a value is written again rather than referred to; lists and mappings that are shared are not."""
        return data is None or isinstance(data, str | int) or data in ([], {})


_NULL = "tag:yaml.org,2002:null"


def _text(dumper: _Dumper, text: str) -> yaml.ScalarNode:
    if isinstance(text, Plain):
        resolved: str = dumper.resolve(yaml.ScalarNode, str(text), (True, False))  # type: ignore[no-untyped-call]
        return dumper.represent_scalar(resolved, str(text))
    style = dumper.random.choice([None, None, None, "'", '"', "|", ">"])
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _text)
_Dumper.add_representer(Plain, _text)
_Dumper.add_representer(type(None), lambda dumper, _none: dumper.represent_scalar(_NULL, dumper.nothing))


def document(random: Random, value: dict[str, Any]) -> str:
    """A mapping as YAML, in a random style."""
    flow = random.choice([False, False, False, None])
    nothing = random.choice(["~", "null"] if flow is None else ["", "", "~"])
    dumper = type("Dumper", (_Dumper,), {"random": random, "nothing": nothing})
    text: str = yaml.dump(
        value,
        Dumper=dumper,
        sort_keys=False,
        allow_unicode=random.random() < 0.7,
        width=random.choice([40, 120, 10000]),
        indent=random.choice([2, 4]),
        explicit_start=random.random() < 0.2,
        default_flow_style=flow,
    )
    return random.choice(["", "# yaml-language-server: $schema=scenario.schema.json\n"]) + text
