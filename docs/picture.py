"""Draws the README's picture: what `composecheck check` prints of the first file there.

Run it again when the report changes: `python docs/picture.py`.
"""

from __future__ import annotations

import contextlib
import io
import re
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from composecheck import check
from composecheck.report.text import render

ROOT = Path(__file__).parents[1]

# rich's own template loads its font from the network; this one takes what the reader's machine has.
TEMPLATE = """<svg class="rich-terminal" viewBox="0 0 {width} {height}" xmlns="http://www.w3.org/2000/svg">
<style>
.{unique_id}-matrix {{ font-family: ui-monospace, Menlo, Consolas, "DejaVu Sans Mono", monospace;
  font-size: {char_height}px; line-height: {line_height}px; }}
{styles}
</style>
<defs><clipPath id="{unique_id}-clip-terminal"><rect x="0" y="0" width="{terminal_width}"
  height="{terminal_height}" /></clipPath>
{lines}
</defs>
{chrome}
<g transform="translate({terminal_x}, {terminal_y})" clip-path="url(#{unique_id}-clip-terminal)">
{backgrounds}
<g class="{unique_id}-matrix" xml:space="preserve">
{matrix}
</g>
</g>
</svg>
"""


def main() -> None:
    """Write docs/check.svg."""
    first = re.search(
        r"^```yaml\n(.*?)^```$", (ROOT / "README.md").read_text("utf-8"), re.MULTILINE | re.DOTALL
    )
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("compose.yml").write_text(first[1] if first else "", "utf-8")
        report = render(check("compose.yml", environment={}), color=True)
    text = Text.assemble(("$ composecheck check\n\n", "bold"), Text.from_ansi(report))
    width = max(len(line) for line in text.plain.splitlines()) + 1
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(text, soft_wrap=True)
    svg = console.export_svg(title="composecheck", code_format=TEMPLATE, unique_id="composecheck")
    lines = (line.rstrip() for line in svg.splitlines())
    (ROOT / "docs/check.svg").write_text("\n".join(lines) + "\n", "utf-8")


if __name__ == "__main__":
    main()
