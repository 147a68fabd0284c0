"""One bar chart as SVG: processor time per page, on a logarithmic scale, for light and dark."""

from __future__ import annotations

import math
from collections.abc import Mapping
from html import escape

_STYLE = """
  text { font: 13px system-ui, sans-serif; fill: #1f2328 }
  .title { font-weight: 600; font-size: 15px }
  .scale { fill: #59636e; font-size: 11px }
  .grid { stroke: #d1d9e0 }
  .peer { fill: #8c959f }
  .ours { fill: #0969da }
  @media (prefers-color-scheme: dark) {
    text { fill: #f0f6fc }
    .scale { fill: #9198a1 }
    .grid { stroke: #3d444d }
    .peer { fill: #768390 }
    .ours { fill: #4493f8 }
  }
"""
_LABELS, _WIDTH, _ROW, _TOP = 225, 410, 26, 62


def bars(title: str, unit: str, values: Mapping[str, float], ours: str) -> str:
    """Horizontal bars, smallest first; names that begin with ``ours`` stand out."""
    ordered = sorted(values.items(), key=lambda item: item[1])
    low = math.floor(math.log10(ordered[0][1]))
    high = math.ceil(math.log10(ordered[-1][1]))

    def place(value: float) -> float:
        return _LABELS + _WIDTH * (math.log10(value) - low) / max(1, high - low)

    bottom = _TOP + _ROW * len(ordered)
    lines = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 740 {bottom + 12}">',
        f"<title>{escape(title)}</title><style>{_STYLE}</style>",
        f'<text class="title" x="8" y="20">{escape(title)}</text>',
    ]
    for power in range(low, high + 1):
        x = place(10.0**power)
        lines.append(f'<line class="grid" x1="{x:.1f}" x2="{x:.1f}" y1="48" y2="{bottom}"/>')
        label = f"{10.0**power:,g} {unit}"
        lines.append(f'<text class="scale" x="{x:.1f}" y="42" text-anchor="middle">{label}</text>')
    for number, (name, value) in enumerate(ordered):
        y = _TOP + _ROW * number
        kind = "ours" if name.startswith(ours) else "peer"
        width = max(2.0, place(value) - _LABELS)
        lines += [
            f'<text x="{_LABELS - 8}" y="{y + 9}" text-anchor="end">{escape(name)}</text>',
            f'<rect class="{kind}" x="{_LABELS}" y="{y - 4}" width="{width:.1f}" height="18"/>',
            f'<text x="{_LABELS + width + 6:.1f}" y="{y + 9}">{value:,.0f}</text>',
        ]
    return "\n".join([*lines, "</svg>", ""])
