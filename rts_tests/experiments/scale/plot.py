"""A measurement as a plot: time and speedup over the number of jobs, in SVG 1.1."""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from html import escape

from longpole.rts_tests.contracts.harmless import harmless
from longpole.rts_tests.experiments.scale.measurement import Measurement
from longpole.rts_tests.experiments.scale.scaling_of import Level

WIDTH, HEIGHT = 900, 400
_LEFT, _TOP, _PANEL_WIDTH, _PANEL_HEIGHT, _GAP = 64, 76, 360, 240, 84
_STEPS = 100
_STYLE = """
  svg { background: #fff; color: #222; font: 13px system-ui, sans-serif }
  text { fill: currentColor } .title { font-size: 16px; font-weight: 600 } .small { fill: #666 }
  .axis { stroke: #888 } .grid { stroke: #e4e4e4 } .middle { text-anchor: middle } .end { text-anchor: end }
  .point { fill: #1b6ac9; stroke: #1b6ac9 } .amdahl { stroke: #c2570c } .usl { stroke: #2e7d32 } .ideal { stroke: #888 }
  path { fill: none; stroke-width: 2 } .amdahl { stroke-dasharray: 7 4 } .ideal { stroke-dasharray: 2 4 }
  @media (prefers-color-scheme: dark) {
    svg { background: #16181c; color: #e6e6e6 } .small { fill: #aaa } .grid { stroke: #303338 }
    .point { fill: #6cb0ff; stroke: #6cb0ff } .amdahl { stroke: #ff9d5c } .usl { stroke: #7ccf80 }
  }
"""


@dataclass(frozen=True, slots=True)
class _Panel:
    """A coordinate system: numbers of jobs, on a logarithmic scale, to the right; values from 0 up."""

    left: float
    jobs: tuple[int, ...]
    top_value: float

    def x(self, jobs: float) -> float:
        first, last = math.log2(self.jobs[0]), math.log2(self.jobs[-1])
        share = (math.log2(jobs) - first) / (last - first) if last > first else 0.5
        return self.left + 20 + share * (_PANEL_WIDTH - 40)

    def y(self, value: float) -> float:
        return _TOP + _PANEL_HEIGHT * (1 - value / self.top_value)

    def curve(self, name: str, value: Callable[[float], float]) -> str:
        """A path over all numbers of jobs, which ends where it leaves the panel."""
        first, last = math.log2(self.jobs[0]), math.log2(self.jobs[-1])
        moments = (2 ** (first + (last - first) * step / _STEPS) for step in range(_STEPS + 1))
        points = [(self.x(jobs), self.y(value(jobs))) for jobs in moments]
        inside = [f"{x:.1f} {y:.1f}" for x, y in points if _TOP - 1 <= y <= _TOP + _PANEL_HEIGHT + 1]
        return f'<path class="{name}" d="M{" L".join(inside)}"/>' if len(inside) > 1 else ""

    def point(self, jobs: int, value: float, low: float, high: float, title: str) -> str:
        """A measured value with its interval."""
        x, bottom, top = self.x(jobs), self.y(low), self.y(high)
        bars = f"M{x:.1f} {bottom:.1f} V{top:.1f} M{x - 5:.1f} {bottom:.1f} h10 M{x - 5:.1f} {top:.1f} h10"
        shape = (
            f'<circle class="point" cx="{x:.1f}" cy="{self.y(value):.1f}" r="4"><title>{_text(title)}</title></circle>'
        )
        return f'<path class="point" d="{bars}"/>{shape}'

    def frame(self, title: str, unit: str) -> str:
        """Title, grid and axes."""
        bottom, right = _TOP + _PANEL_HEIGHT, self.left + _PANEL_WIDTH
        parts = [f'<text x="{self.left:.0f}" y="{_TOP - 14}">{_text(title)}</text>']
        step = nice_step(self.top_value)
        for number in range(int(self.top_value / step + 1e-9) + 1):
            y = self.y(number * step)
            parts.append(f'<path class="grid" d="M{self.left:.1f} {y:.1f} H{right:.1f}" style="stroke-width: 1"/>')
            label = f"{number * step:g}{unit}"
            parts.append(f'<text class="small end" x="{self.left - 8:.1f}" y="{y + 4:.1f}">{label}</text>')
        parts.append(f'<path class="axis" d="M{self.left:.1f} {_TOP} V{bottom} H{right:.1f}" style="stroke-width: 1"/>')
        for jobs in self.jobs:
            parts.append(f'<text class="small middle" x="{self.x(jobs):.1f}" y="{bottom + 18}">{jobs}</text>')
        middle = self.left + _PANEL_WIDTH / 2
        parts.append(f'<text class="small middle" x="{middle:.1f}" y="{bottom + 38}">jobs</text>')
        return "\n".join(parts)


def nice_step(top: float) -> float:
    """Return 1, 2 or 5 times a power of ten: the distance of at most seven lines from 0 to `top`."""
    power = 10.0 ** math.floor(math.log10(top / 6))
    return next(factor * power for factor in (1, 2, 5, 10) if top / (factor * power) <= 6)


def plot(measured: Measurement) -> str:
    """The plot as an SVG document; without a level it says so."""
    levels = measured.results.levels
    cut = " (interrupted)" if measured.interrupted else ""
    title = f"Scaling of {measured.suite}: {len(measured.units)} units, {measured.runs} runs each{cut}"
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" width="{WIDTH}" height="{HEIGHT}">',
        f"<title>{_text(title)}</title>",
        f"<style>{_STYLE}</style>",
        f'<text class="title" x="{_LEFT}" y="28">{_text(_cut(title, 95))}</text>',
    ]
    if levels:
        parts += [*_times(measured, levels), *_speedups(measured, levels), *_legend(measured)]
    else:
        parts.append(f'<text x="{_LEFT}" y="{_TOP}">No run was completed.</text>')
    return "\n".join([*filter(None, parts), "</svg>", ""])


def _times(measured: Measurement, levels: Sequence[Level]) -> list[str]:
    results = measured.results
    jobs = tuple(level.jobs for level in levels)
    panel = _Panel(_LEFT, jobs, 1.1 * max(level.interval_s[1] for level in levels))
    return [
        panel.frame("time of a run", " s"),
        panel.curve("amdahl", results.amdahl.seconds) if results.amdahl else "",
        panel.curve("usl", results.usl.seconds) if results.usl else "",
        *(
            panel.point(level.jobs, level.median_s, *level.interval_s, f"-j{level.jobs}: {level.median_s:.2f} s")
            for level in levels
        ),
    ]


def _speedups(measured: Measurement, levels: Sequence[Level]) -> list[str]:
    """The second panel. The laws are scaled to the level that the speedups are relative to."""
    results, base = measured.results, levels[0].jobs
    jobs = tuple(level.jobs for level in levels)
    panel = _Panel(_LEFT + _PANEL_WIDTH + _GAP, jobs, 1.15 * max(level.speedup_interval[1] for level in levels))
    cores = measured.machine.cores
    laws = {"amdahl": results.amdahl, "usl": results.usl}
    return [
        panel.frame(f"speedup over -j{base}", ""),
        panel.curve("ideal", lambda n: min(n, max(cores, base)) / base),
        *(
            panel.curve(name, lambda n, law=law: levels[0].median_s / law.seconds(n))  # type: ignore[misc]
            for name, law in laws.items()
            if law is not None
        ),
        *(
            panel.point(level.jobs, level.speedup, *level.speedup_interval, f"-j{level.jobs}: {level.speedup:.2f}")
            for level in levels
        ),
    ]


def _legend(measured: Measurement) -> list[str]:
    results = measured.results
    shown = [
        ("ideal", f"ideal on {measured.machine.cores} cores"),
        *([("amdahl", "Amdahl's law")] if results.amdahl else []),
        *([("usl", "Universal Scalability Law")] if results.usl else []),
    ]
    y = HEIGHT - 22
    parts = [f'<circle class="point" cx="{_LEFT + 10}" cy="{y}" r="4"/>']
    parts.append(f'<text class="small" x="{_LEFT + 22}" y="{y + 4}">median, 95 % interval</text>')
    x = _LEFT + 190
    for name, text in shown:
        parts.append(f'<path class="{name}" d="M{x} {y} h26"/>')
        parts.append(f'<text class="small" x="{x + 34}" y="{y + 4}">{_text(text)}</text>')
        x += 190
    return parts


def _cut(text: str, room: int) -> str:
    return text if len(text) <= room else f"{text[: room - 3]}..."


def _text(text: str) -> str:
    """Text of an element or an attribute, without the control characters that XML does not allow."""
    clean = "".join(character if character.isprintable() else " " for character in harmless(text, colour=False))
    return escape(clean)
