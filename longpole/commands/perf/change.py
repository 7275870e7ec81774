"""The type of options that take a relative change."""

import click


class Change(click.ParamType[float]):
    """A relative change: `5%`, `0.05`; its value is 0.05."""

    name = "change"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """The change as a number from 0, exclusive, to 100. Raises `click.BadParameter`."""
        text = str(value).strip()
        try:
            number = float(text.removesuffix("%")) / (100 if text.endswith("%") else 1)
        except ValueError:
            number = 0.0
        if not 0 < number <= 100:
            self.fail(f"{text!r} is not a change such as 5% or 0.05", param, ctx)
        return number
