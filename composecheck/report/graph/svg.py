"""A picture as SVG: readable on light and dark, with nothing from elsewhere."""

from __future__ import annotations

from math import ceil
from unicodedata import combining, east_asian_width

from composecheck.named import TYPE_CHECKING
from composecheck.report.graph.layout import Box, Frame, Lead, Line, Look, Loop, lay_out
from composecheck.report.summary import count
from composecheck.text.visible import visible
from composecheck.text.width import columns

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from composecheck.report.graph.model import Arc, Picture, Vertex

_CLASS = "composecheck-graph"
_MARGIN = 24.0
_TITLE = 58.0
_PADDING = 12.0
_NARROWEST, _WIDEST = 112.0, 256.0
_NAME, _SMALL, _LABEL, _CHIP = 13.0, 10.5, 10.5, 9.5
_LINE, _CHIPS = 15.0, 20.0
_LEAST = 420.0
# Of a longer list of edges the description for screen readers only says the length.
_TOLD = 40

# Widths in em of a wide bold face (DejaVu Sans Bold, Verdana Bold): what a reader has is rarely wider.
_NARROW = {**dict.fromkeys("ijlI|", 0.39), **dict.fromkeys("ft.,:;'!()[]/- ", 0.48), "r": 0.5, "*": 0.53}
_WIDE = {**dict.fromkeys("mM@%W", 1.11), **dict.fromkeys("wOQGDHNU&#+<=>^~", 0.93)}
_REGULAR = 0.92  # of bold
_MONO = 0.625

_NETWORKS = 8
_KINDS = {
    "healthy": "waits until healthy",
    "completed": "waits until completed",
    "guarded": "tries again by itself",
    "unknown": "waits for health, if the image tells it",
    "none": "does not wait",
    "broken": "waits for what never comes",
    "implicit": "starts after",
    "absent": "not there",
}

# (class, property, on light, on dark)
_COLORS = (
    (".paper", "fill", "#ffffff", "#0d1117"),
    (".paper", "stroke", "#d1d9e0", "#3d444d"),
    (".box", "fill", "#ffffff", "#161b22"),
    (".box", "stroke", "#afb8c1", "#59636e"),
    (".ghost", "stroke", "#8c959f", "#6e7681"),
    (".name", "fill", "#1f2328", "#f0f6fc"),
    (".soft", "fill", "#59636e", "#9198a1"),
    (".port", "fill", "#0969da", "#79c0ff"),
    (".label", "stroke", "#ffffff", "#0d1117"),
    (".healthy, .unknown", "stroke", "#1a7f37", "#3fb950"),
    (".completed", "stroke", "#0969da", "#4493f8"),
    (".guarded", "stroke", "#8250df", "#ab7df8"),
    (".none", "stroke", "#8c959f", "#6e7681"),
    (".implicit", "stroke", "#b6bec7", "#4d555e"),
    (".broken, .absent, .marked", "stroke", "#cf222e", "#f85149"),
    (".t-healthy, .t-unknown", "fill", "#1a7f37", "#3fb950"),
    (".t-completed", "fill", "#0969da", "#4493f8"),
    (".t-guarded", "fill", "#8250df", "#ab7df8"),
    (".t-none, .t-implicit", "fill", "#6e7781", "#9198a1"),
    (".t-broken, .t-absent, .t-marked", "fill", "#cf222e", "#f85149"),
    (".error", "fill", "#cf222e", "#da3633"),
    (".warning", "fill", "#bc4c00", "#bd561d"),
    (".box.has-error", "stroke", "#cf222e", "#f85149"),
    (".box.has-warning", "stroke", "#bc4c00", "#db6d28"),
)
_HUES = (
    ("#0969da", "#58a6ff"),
    ("#8250df", "#bc8cff"),
    ("#bf8700", "#e3b341"),
    ("#1b7c83", "#39c5cf"),
    ("#bf3989", "#f778ba"),
    ("#4d7c0f", "#a3c957"),
    ("#57606a", "#8b949e"),
    ("#953800", "#f0883e"),
)
_SANS = 'ui-sans-serif, system-ui, -apple-system, "Segoe UI", Helvetica, Arial, sans-serif'
_MONOSPACE = 'ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace'
_FIXED = (
    ("text", f"font: 13px {_SANS}"),
    (".name", "font-weight: 600"),
    (".title", "font-size: 16px"),
    (".soft, .port", f"font: 10.5px {_MONOSPACE}"),
    (".said", f"font: 11.5px {_SANS}"),
    (
        ".label",
        "font-size: 10.5px; font-weight: 500; stroke-width: 3px; stroke-linejoin: round; paint-order: stroke",
    ),
    (".badge", "font-size: 10.5px; font-weight: 700; fill: #ffffff; text-anchor: middle"),
    (".net", "font-size: 11px; font-weight: 600"),
    (".chip", "font-size: 9.5px; font-weight: 600"),
    (".line", "fill: none; stroke-width: 1.6; stroke-linecap: round"),
    (".line.implicit", "stroke-width: 1"),
    (".line.none, .line.absent", "stroke-dasharray: 5 4; stroke-linecap: butt"),
    (".line.unknown", "stroke-dasharray: 1.5 4"),
    (".line.optional", "stroke-dasharray: 8 3; stroke-linecap: butt"),
    (".ghost", "fill: none; stroke-dasharray: 5 4"),
    (".tint", "fill-opacity: 0.07; stroke-opacity: 0.4"),
    (".pill", "fill-opacity: 0.14"),
)


def render(picture: Picture) -> str:
    """Return the whole document, the same for the same picture."""
    return visible("\n".join(_Drawing(picture).lines()))


class _Drawing:
    def __init__(self, picture: Picture) -> None:
        self.picture = picture
        self.hues = {network: at % _NETWORKS for at, network in enumerate(picture.networks)}
        self.layout = lay_out(picture, self._size, lambda label: text_width(label, _LABEL))
        services = sum(not vertex.absent for vertex in picture.vertices)
        self.summary = ", ".join(
            [count(services, "service")]
            + ([_dependencies(len(picture.arcs))] if picture.arcs else [])
            + ([count(len(picture.networks), "network")] if picture.grouped else [])
        )
        self._summary_width = text_width(self.summary, 11.5, bold=False) + 14
        title = text_width(picture.project, 16) + self._summary_width
        self.width = max(self.layout.width, _LEAST, min(title, 1200)) + 2 * _MARGIN
        self.entries = list(self._legend())
        self.rows = _wrapped([entry[0] for entry in self.entries], self.width - 2 * _MARGIN)
        self.height = _TITLE + self.layout.height + _MARGIN
        self.legend_top = self.height
        if self.entries:
            self.height += (max(row for row, _ in self.rows) + 1) * 20 + 12

    def _size(self, vertex: Vertex) -> tuple[float, float]:
        needed = [text_width(_named(vertex), _NAME)]
        if vertex.detail:
            needed.append(mono_width(_short(vertex.detail)))
        if vertex.ports:
            needed.append(mono_width(_ports(vertex)))
        height = 2 * _PADDING + 12 + _LINE * (bool(vertex.detail or vertex.absent) + bool(vertex.ports))
        if vertex.absent:
            needed.append(mono_width(vertex.absent))
        if self._chips(vertex):
            height += _CHIPS
            needed.append(sum(_chip_width(each) + 4 for each in vertex.networks[:3]))
        width = min(max(*needed, _NARROWEST - 2 * _PADDING) + 2 * _PADDING, _WIDEST)
        return float(ceil(width)), height

    def _chips(self, vertex: Vertex) -> tuple[str, ...]:
        return vertex.networks if self.picture.grouped and len(vertex.networks) > 1 else ()

    def lines(self) -> Iterator[str]:
        width, height = _n(self.width), _n(self.height)
        yield (
            f'<svg class="{_CLASS}" xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" '
            f'viewBox="0 0 {width} {height}" role="img" aria-labelledby="{_CLASS}-title {_CLASS}-desc">'
        )
        yield f'<title id="{_CLASS}-title">{escape(self.picture.project)}: {escape(self.summary)}</title>'
        yield f'<desc id="{_CLASS}-desc">{escape(" ".join(self._described()))}</desc>'
        yield "<style>"
        yield from _style(len(set(self.hues.values())) if self.picture.grouped else 0)
        yield "</style>"
        yield (
            f'<rect class="paper" x="0.5" y="0.5" width="{_n(self.width - 1)}" '
            f'height="{_n(self.height - 1)}" rx="10"/>'
        )
        name = _cut(self.picture.project, 16, self.width - 2 * _MARGIN - self._summary_width)
        yield (
            f'<text x="{_n(_MARGIN)}" y="34"><tspan class="name title">{escape(name)}</tspan>'
            f'<tspan class="soft said" dx="12">{escape(self.summary)}</tspan></text>'
        )
        left = _MARGIN + (self.width - 2 * _MARGIN - self.layout.width) / 2
        yield f'<g transform="translate({_n(left)} {_n(_TITLE)})">'
        yield from (self._frame(frame) for frame in self.layout.frames)
        # What is marked lies on top.
        for line in sorted(self.layout.lines, key=_prominence):
            yield _line(line)
        for lead in sorted(self.layout.leads, key=_prominence):
            yield from _lead(lead)
        yield from (_loop(loop) for loop in self.layout.loops)
        for box in self.layout.boxes:
            yield from self._box(box)
        yield "</g>"
        for (_, draw), (row, x) in zip(self.entries, self.rows, strict=True):
            yield draw.format(x=_n(_MARGIN + x), y=_n(self.legend_top + row * 20 + 8))
        yield "</svg>"

    def _described(self) -> Iterator[str]:
        arcs = self.picture.arcs
        for arc in arcs[:_TOLD]:
            marks = f" ({', '.join(arc.findings)})" if arc.findings else ""
            yield f"{arc.dependent} on {arc.dependency}: {arc.label}{marks}."
        if len(arcs) > _TOLD:
            yield f"And {len(arcs) - _TOLD} more dependencies."
        for vertex in self.picture.vertices:
            if vertex.findings:
                yield f"{vertex.name}: {', '.join(vertex.findings)}."

    def _frame(self, frame: Frame) -> str:
        hue = self.hues[frame.network]
        x, y, width, height = (_n(value) for value in frame[1:])
        name = _cut(frame.network, 11, frame.width - 24)
        return (
            f'<g><rect class="tint n{hue}" x="{x}" y="{y}" width="{width}" height="{height}" rx="12"/>'
            f"{_text(frame.x + 12, frame.y + 18, f'net n{hue}', name)}</g>"
        )

    def _box(self, box: Box) -> Iterator[str]:
        vertex = box.vertex
        x, y, width, height = (_n(value) for value in box[1:])
        mark = "error" if vertex.error else "warning" if vertex.findings else ""
        kind = "ghost" if vertex.absent else f"box has-{mark}" if mark else "box"
        told = [vertex.name, *filter(None, [vertex.detail]), *vertex.ports, *vertex.findings]
        yield f"<g><title>{escape(', '.join(told))}</title>"
        yield f'<rect class="{kind}" x="{x}" y="{y}" width="{width}" height="{height}" rx="8"/>'
        room, left = box.width - 2 * _PADDING, box.x + _PADDING
        _, own = self._size(vertex)
        baseline = box.y + (box.height - own) / 2 + _PADDING + 10
        yield _text(left, baseline, "name", _cut(_named(vertex), _NAME, room))
        for kind, text in (("soft", vertex.absent or _short(vertex.detail)), ("port", _ports(vertex))):
            if text:
                baseline += _LINE
                yield _text(left, baseline, kind, text)
        if chips := self._chips(vertex):
            yield from self._pills(chips, left, baseline + 9, room)
        if mark:
            x, y = _n(box.x + box.width - 4), _n(box.y + 2)
            yield f'<circle class="{mark}" cx="{x}" cy="{y}" r="9"/>'
            yield _text(box.x + box.width - 4, box.y + 6, "badge", str(len(vertex.findings)))
        yield "</g>"

    def _pills(self, networks: Sequence[str], x: float, y: float, room: float) -> Iterator[str]:
        """Yield a chip for each network, as far as there is room, and the number of the others."""
        end = x + room
        for at, network in enumerate(networks):
            rest = len(networks) - at
            width = _chip_width(network)
            needed = width if rest == 1 else width + 4 + text_width(f"+{rest - 1}", _CHIP)
            if x + needed > end and at:
                yield _text(x, y + 11, "soft chip", f"+{rest}")
                return
            hue = self.hues[network]
            name = _cut(network, _CHIP, min(width, end - x) - 12)
            width = min(width, text_width(name, _CHIP) + 12)
            yield (
                f'<rect class="pill n{hue}" x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" '
                f'height="15" rx="7.5"/>{_text(x + 6, y + 11, f"chip n{hue}", name)}'
            )
            x += width + 4

    def _legend(self) -> Iterator[tuple[float, str]]:
        """Yield what occurs: each entry's width, and its drawing as a template of `x` and `y`."""
        looks = {one.look.kind: one.look for one in self.layout.leads}
        looks |= {one.look.kind: one.look for one in self.layout.loops}
        marked = {look.kind for look in looks.values()} & {"none"}
        for kind, words in _KINDS.items():
            if kind not in looks:
                continue
            shown = f"{kind} marked" if kind in marked and self._all_marked(kind) else kind
            sample = f'<g transform="translate({{x}} {{y}})"><path class="line {shown}" d="M0 0H26"/>'
            yield 34 + text_width(words, 11.5, bold=False), f"{sample}{_text(34, 4, 'soft said', words)}</g>"
        if any(arc.cyclic for arc in self.picture.arcs):
            sample = '<g transform="translate({x} {y})"><path class="line marked" d="M0 0H26"/>'
            yield (
                34 + text_width("in a circle", 11.5, bold=False),
                f"{sample}{_text(34, 4, 'soft said', 'in a circle')}</g>",
            )
        severe = {
            **dict.fromkeys((r for one in self._marked() if not one.error for r in one.findings), "warning"),
            **dict.fromkeys((r for one in self._marked() if one.error for r in one.findings), "error"),
        }
        for rule, number in self.picture.counts:
            words = rule if number == 1 else f"{rule} \N{MULTIPLICATION SIGN}{number}"
            dot = f'<circle class="{severe.get(rule, "warning")}" cx="5" cy="0" r="4.5"/>'
            yield (
                16 + text_width(words, 11.5, bold=False),
                f'<g transform="translate({{x}} {{y}})">{dot}{_text(16, 4, "soft said", words)}</g>',
            )
        if self.picture.hidden:
            words = f"{count(len(self.picture.hidden), 'service')} left out by profiles"
            yield (
                text_width(words, 11.5, bold=False),
                f'<g transform="translate({{x}} {{y}})">{_text(0, 4, "soft said", words)}</g>',
            )

    def _marked(self) -> Iterator[Vertex | Arc]:
        yield from self.picture.vertices
        yield from self.picture.arcs

    def _all_marked(self, kind: str) -> bool:
        return all(arc.findings or arc.cyclic for arc in self.picture.arcs if arc.kind == kind)


def _style(networks: int) -> Iterator[str]:
    hues = _HUES[:networks]
    plain = [("text.net, text.chip, .pill", "stroke: none")] if networks else []
    rules = [*_FIXED, *((name, f"{key}: {light}") for name, key, light, _ in _COLORS)]
    rules += [(f".n{at}", f"fill: {light}; stroke: {light}") for at, (light, _) in enumerate(hues)]
    yield from (_rule(*rule) for rule in [*rules, *plain])
    rules = [(name, f"{key}: {dark}") for name, key, _, dark in _COLORS]
    rules += [(f".n{at}", f"fill: {dark}; stroke: {dark}") for at, (_, dark) in enumerate(hues)]
    yield "@media (prefers-color-scheme: dark) {"
    yield from (_rule(*rule) for rule in [*rules, *plain])
    yield "}"


def _rule(selectors: str, declarations: str) -> str:
    """Return a rule for this picture alone: it may stand in the middle of a page."""
    own = ", ".join(f".{_CLASS} {selector}" for selector in selectors.split(", "))
    return f"{own} {{ {declarations} }}"


def _prominence(piece: Line | Lead) -> tuple[int, int]:
    return (piece.look.marked, piece.look.kind != "implicit")


def _classes(look: Look) -> str:
    optional = look.label.endswith(", optional") and look.kind not in {"none", "absent", "unknown"}
    return f"{look.kind}{' optional' if optional else ''}{' marked' if look.marked else ''}"


def _line(line: Line) -> str:
    x, y, end_x, end_y = (_n(value) for value in line[1:5])
    if line.y == line.end_y:
        path = f"M{x} {y}H{end_x}"
    else:
        half = _n((line.x + line.end_x) / 2)
        path = f"M{x} {y}C{half} {y} {half} {end_y} {end_x} {end_y}"
    arrow = ""
    if line.first and line.look.back:
        arrow = _arrow(line.look, line.x, line.y, -1)
    return f'<path class="line {_classes(line.look)}" d="{path}"/>{arrow}'


def _lead(lead: Lead) -> Iterator[str]:
    end = lead.end if lead.look.back else lead.end - 6
    names = "; ".join(f"{arc.dependent} on {arc.dependency}: {arc.reason or arc.label}" for arc in lead.arcs)
    yield f"<g><title>{escape(names)}</title>"
    yield f'<path class="line {_classes(lead.look)}" d="M{_n(lead.x)} {_n(lead.y)}H{_n(end)}"/>'
    if not lead.look.back:
        yield _arrow(lead.look, lead.end, lead.y, 1)
    kind = "marked" if lead.look.marked else lead.look.kind
    yield _text(lead.x + 8, lead.y - 5, f"label t-{kind}", lead.look.label)
    yield "</g>"


def _arrow(look: Look, x: float, y: float, direction: int) -> str:
    kind = "marked" if look.marked else look.kind
    back = _n(x - direction * 8)
    return f'<path class="t-{kind}" d="M{_n(x)} {_n(y)}L{back} {_n(y - 4)}V{_n(y + 4)}Z"/>'


def _loop(loop: Loop) -> str:
    x, top, bottom = _n(loop.x), _n(loop.y + 14), _n(loop.y + 32)
    out = _n(loop.x + 28)
    return (
        f"<g><title>{escape(loop.arc.dependent)} on itself</title>"
        f'<path class="line {_classes(loop.look)}" d="M{x} {top}C{out} {top} {out} {bottom} {x} {bottom}"/>'
        f"{_arrow(loop.look, loop.x, loop.y + 32, -1)}</g>"
    )


def _named(vertex: Vertex) -> str:
    return vertex.name if vertex.replicas == 1 else f"{vertex.name} \N{MULTIPLICATION SIGN}{vertex.replicas}"


def _short(detail: str) -> str:
    """Return an image's name, or a build, in the box's room: the last part of a path says most."""
    most = int((_WIDEST - 2 * _PADDING) / (_SMALL * _MONO))
    if columns(detail) <= most:
        return detail
    last = detail.rpartition("/")[2]
    if columns(last) <= most - 2 and last:
        kept = detail[-(most - 1) :]
        while columns(kept) > most - 1:
            kept = kept[1:]
        return f"…{kept[kept.index('/') :]}"
    while columns(last) > most - 1:
        last = last[:-1]
    return f"{last}…"


def _ports(vertex: Vertex) -> str:
    """Return as many ports as the box has room for, and how many more there are."""
    most = int((_WIDEST - 2 * _PADDING) / (_SMALL * _MONO))
    shown = list(vertex.ports[:3])
    while shown:
        text = ", ".join(shown) + (
            f" +{len(vertex.ports) - len(shown)}" if vertex.ports[len(shown) :] else ""
        )
        if len(text) <= most:
            return text
        shown.pop()
    return count(len(vertex.ports), "port") if vertex.ports else ""


def _chip_width(network: str) -> float:
    return min(text_width(network, _CHIP) + 12, _WIDEST - 2 * _PADDING - 30)


def text_width(text: str, size: float, *, bold: bool = True) -> float:
    """Return the pixels that a text takes at most, in the faces that browsers choose from."""
    ems = sum(_em(char) for char in text)
    return ems * size * (1.0 if bold else _REGULAR)


def _em(char: str) -> float:
    if char in _NARROW:
        return _NARROW[char]
    if char in _WIDE:
        return _WIDE[char]
    if not char.isascii():
        return 0.0 if combining(char) else 1.1 if east_asian_width(char) in "WFA" else 0.95
    return 0.86 if char.isupper() else 0.74


def mono_width(text: str) -> float:
    """Return the pixels that a text takes at most in the small face of fixed width."""
    return columns(text) * _SMALL * _MONO


def _cut(text: str, size: float, room: float) -> str:
    """Return as much of a text as there is room for."""
    if text_width(text, size) <= room:
        return text
    total, kept = _em("…") * size, ""
    for char in text:
        total += _em(char) * size
        if total > room:
            break
        kept += char
    return f"{kept}…"


def _wrapped(widths: Iterable[float], room: float) -> list[tuple[int, float]]:
    """Return the row and the place in it of entries that are set one after another."""
    places, row, x = [], 0, 0.0
    for width in widths:
        if x and x + width > room:
            row, x = row + 1, 0.0
        places.append((row, x))
        x += width + 20
    return places


def _dependencies(number: int) -> str:
    return f"{number} {'dependency' if number == 1 else 'dependencies'}"


def _text(x: float, y: float, kind: str, text: str) -> str:
    return f'<text class="{kind}" x="{_n(x)}" y="{_n(y)}">{escape(text)}</text>'


def escape(text: str) -> str:
    """Return a text as it is written in XML."""
    for char, name in (("&", "amp"), ("<", "lt"), (">", "gt"), ('"', "quot")):
        text = text.replace(char, f"&{name};")
    return text


def _n(value: float) -> str:
    """Return a number with one digit after the point at most."""
    return f"{round(value, 1):g}" if abs(value) < 1e5 else f"{value:.0f}"
