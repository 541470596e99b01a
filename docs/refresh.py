"""Writes into the README what its commands print, and draws its pictures.

Run it when what is printed changes: `python docs/refresh.py`.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import subprocess
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

from composecheck import check
from composecheck.report.text import render

ROOT = Path(__file__).parents[1]
BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)

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
    """Write README.md, docs/check.svg and docs/graph.svg."""
    readme = ROOT / "README.md"
    with tempfile.TemporaryDirectory() as folder:
        readme.write_text(
            BLOCK.sub(lambda block: refreshed(block, Path(folder)), readme.read_text("utf-8")), "utf-8"
        )
    (ROOT / "docs/check.svg").write_text(drawn(), "utf-8")
    (ROOT / "docs/graph.svg").write_text(graph("api-db-cache-racy", "svg"), "utf-8")


def refreshed(block: re.Match[str], folder: Path) -> str:
    """Return a block of the README; a YAML block is the compose.yml of the console blocks after it."""
    language, text = block[1], block[2]
    if language == "yaml":
        (folder / "compose.yml").write_text(text, "utf-8")
    if language == "mermaid":
        return f"```mermaid\n{graph('migration', 'mermaid')}```"
    if language != "console":
        return block[0]
    lines = []
    for command in (line for line in text.splitlines() if line.startswith("$ ")):
        done = subprocess.run(  # noqa: S603  # the README's own commands
            [sys.executable, "-m", *command[2:].split()],
            check=False,
            capture_output=True,
            text=True,
            cwd=ROOT if "examples/" in command else folder,
            env={**os.environ, "COMPOSE_PROJECT_NAME": "shop"},
        )
        lines.append(f"{command}\n{done.stdout}{done.stderr}")
    return f"```console\n{''.join(lines)}```"


def graph(example: str, form: str) -> str:
    """Return the graph of one of the examples."""
    # The images that the tests run with are not those that the examples name.
    environment = {name: value for name, value in os.environ.items() if not name.endswith("_IMAGE")}
    done = subprocess.run(  # noqa: S603  # our own command
        [
            sys.executable,
            "-m",
            "composecheck",
            "-f",
            f"examples/{example}/compose.yml",
            "graph",
            "--format",
            form,
        ],
        check=True,
        capture_output=True,
        cwd=ROOT,
        env={**environment, "COMPOSE_PROJECT_NAME": "shop", "PYTHONUTF8": "1"},
    )
    return done.stdout.decode()


def drawn() -> str:
    """Return what `composecheck check` prints of the README's first file, as SVG."""
    blocks = BLOCK.finditer((ROOT / "README.md").read_text("utf-8"))
    first = next(block[2] for block in blocks if block[1] == "yaml")
    with tempfile.TemporaryDirectory() as folder, contextlib.chdir(folder):
        Path("compose.yml").write_text(first, "utf-8")
        report = render(check("compose.yml", environment={}), color=True)
    text = Text.assemble(("$ composecheck check\n\n", "bold"), Text.from_ansi(report))
    width = max(len(line) for line in text.plain.splitlines()) + 1
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True)
    console.print(text, soft_wrap=True)
    svg = console.export_svg(title="composecheck", code_format=TEMPLATE, unique_id="composecheck")
    return "".join(f"{line.rstrip()}\n" for line in svg.splitlines())


if __name__ == "__main__":
    main()
