"""A start as it happens, in a terminal: one line a service, kept in place."""

from __future__ import annotations

from rich.console import Console
from rich.live import Live as RichLive
from rich.spinner import Spinner
from rich.table import Table
from rich.text import Text

from composecheck.named import TYPE_CHECKING
from composecheck.report.progress import describe

if TYPE_CHECKING:
    from collections.abc import Iterable

    from composecheck.event import Event

STYLES = {
    "ready": ("✔", "green"),
    "completed": ("✔", "green"),
    "failed": ("✘", "bold red"),
    "refused": ("✘", "bold red"),
    "blocked": ("✘", "red"),
    "exited": ("!", "yellow"),
}


class Live:
    """Draws the services of one start and what each does now."""

    def __init__(self, services: Iterable[str]) -> None:
        self._last: dict[str, Event | None] = dict.fromkeys(services)
        self._step = ""
        self._spinner = Spinner("dots")
        self._live = RichLive(console=Console(stderr=True), get_renderable=self._table, refresh_per_second=10)

    def progress(self, name: str, text: str) -> None:
        """Show a step before or after the start: an image pulled, a network made or removed."""
        self._step = f"{name}  {text}"

    def found(self, text: str) -> None:
        """Print what was found before the start, above the services."""
        self._live.console.print(Text.from_ansi(text))

    def event(self, event: Event) -> None:
        """Show one step of one service."""
        if event.service in self._last and describe(event):
            self._last[event.service] = event
            self._step = ""

    def _table(self) -> Table:
        table = Table.grid(padding=(0, 2))
        for name, event in self._last.items():
            if event is None:
                table.add_row(" ", name, Text("waiting", style="dim"), "")
                continue
            mark, style = STYLES.get(event.kind, ("", ""))
            table.add_row(
                Text(mark, style=style) if mark else self._spinner,
                name,
                Text(describe(event), style=style, overflow="ellipsis", no_wrap=True),
                Text(f"{event.time:.2f}s", style="dim"),
            )
        if self._step:
            table.add_row(self._spinner, Text(self._step, style="dim"), "", "")
        return table

    def __enter__(self) -> Live:
        self._live.__enter__()
        return self

    def __exit__(self, *error: object) -> None:
        self._live.__exit__(None, None, None)
