"""Where a picture's boxes and lines are: in layers, each dependency to the right of its dependents.

Layers are columns. Services with the same networks share a band of rows, so that the frame around a
network holds its own services alone. Lines to one service that look alike come together before it
and end in one arrow; where they pass a column on their way, they have a place in it like a box. All
is linear in services and dependencies but for sorting, and nothing depends on chance.
"""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from math import isqrt
from typing import NamedTuple

from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from composecheck.report.graph.model import Arc, Picture, Vertex

ROW_GAP = 18.0
FRAME = 16.0  # between a network's frame and its boxes
HEAD = 24.0  # for the network's name in its frame
BAND_GAP = 22.0
_THREAD = 6.0  # the height of a line that passes a column
_PORT = 18.0  # between two arrows into one box
_CURVE = 64.0  # the least room for lines to turn in
_SWEEPS = 12
_SETTLING = 8
_FEW = 40  # of more bands the order is as it comes
_NOWHERE = ("",)  # the band of what is no service


class Look(NamedTuple):
    """What lines have in common that may be drawn as one: `kind` as of an Arc, the label, the marks."""

    kind: str
    label: str
    marked: bool
    back: bool


class Box(NamedTuple):
    """A service's place."""

    vertex: Vertex
    x: float
    y: float
    width: float
    height: float


class Frame(NamedTuple):
    """A network's place."""

    network: str
    x: float
    y: float
    width: float
    height: float


class Lead(NamedTuple):
    """The last straight piece of lines that look alike, from where they meet to the box."""

    look: Look
    x: float
    y: float
    end: float
    arcs: tuple[Arc, ...]


class Line(NamedTuple):
    """A piece of a line from left to right; `arcs` are those that it is a part of.

    It is straight where both y are the same. `first` says whether it begins at a service.
    """

    look: Look
    x: float
    y: float
    end_x: float
    end_y: float
    first: bool


class Loop(NamedTuple):
    """A service that depends on itself: the upper right corner of its box."""

    look: Look
    x: float
    y: float
    arc: Arc


class Layout(NamedTuple):
    """A picture's geometry in pixels, from (0, 0)."""

    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    leads: tuple[Lead, ...]
    lines: tuple[Line, ...]
    loops: tuple[Loop, ...]
    width: float
    height: float


class _Item:
    """A box, or the place where a line passes a column."""

    __slots__ = ("band", "column", "height", "left", "right", "spot", "vertex", "y")

    def __init__(self, vertex: Vertex | None, column: int, band: int, height: float) -> None:
        self.vertex = vertex
        self.column = column
        self.band = band
        self.height = height
        self.spot = 0.0
        self.y = 0.0
        self.left: list[_Item] = []
        self.right: list[_Item] = []

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


class _Bus:
    """Lines to one service that look alike: where each column is passed, and who joins there."""

    __slots__ = ("arcs", "look", "sources", "target", "threads")

    def __init__(self, target: _Item, look: Look) -> None:
        self.target = target
        self.look = look
        self.arcs: list[Arc] = []
        self.sources: dict[int, list[_Item]] = defaultdict(list)
        self.threads: dict[int, _Item] = {}


def lay_out(
    picture: Picture,
    size: Callable[[Vertex], tuple[float, float]],
    label_width: Callable[[str], float],
) -> Layout:
    """Return the layout of a picture whose boxes and labels are as large as these functions say."""
    return _Layered(picture, size, label_width).layout()


class _Layered:
    def __init__(
        self,
        picture: Picture,
        size: Callable[[Vertex], tuple[float, float]],
        label_width: Callable[[str], float],
    ) -> None:
        self.picture = picture
        self.label_width = label_width
        self.sizes = {vertex.name: size(vertex) for vertex in picture.vertices}
        placed = _columns(picture)
        self.bands = _bands(picture, placed)
        numbers = {networks: at for at, networks in enumerate(self.bands)}
        self.items = {
            vertex.name: _Item(
                vertex, placed[vertex.name], numbers[_band(vertex)], self.sizes[vertex.name][1]
            )
            for vertex in picture.vertices
        }
        self.columns: list[list[_Item]] = [[] for _ in range(max(placed.values(), default=0) + 1)]
        for name in _discovered(picture):
            self.columns[self.items[name].column].append(self.items[name])
        self.buses = self._buses()
        self._thread()

    def layout(self) -> Layout:
        _untangle(self.columns)
        tops, height = self._rows()
        self._settle(tops)
        lefts, width = self._abscissas()
        return self._drawn(lefts, width, tops, height)

    def _buses(self) -> list[_Bus]:
        """Return the buses; a line that closes a circle runs from what it leads to."""
        buses: dict[tuple[str, Look], _Bus] = {}
        for arc in self.picture.arcs:
            if arc.dependent == arc.dependency:
                continue
            source, target = arc.dependent, arc.dependency
            if arc.back:
                source, target = target, source
            look = Look(arc.kind, arc.label, bool(arc.findings) or arc.cyclic, arc.back)
            bus = buses.setdefault((target, look), _Bus(self.items[target], look))
            bus.arcs.append(arc)
            item = self.items[source]
            bus.sources[item.column].append(item)
        ports: dict[int, int] = defaultdict(int)
        for bus in buses.values():
            ports[id(bus.target)] += 1
            needed = ports[id(bus.target)] * _PORT + 8
            bus.target.height = max(bus.target.height, needed)
        return list(buses.values())

    def _thread(self) -> None:
        """Give each bus its place in the columns that it passes, as long as that is not far too many."""
        left = 4 * len(self.items) + 4000
        for bus in self.buses:
            first = min(bus.sources)
            between = range(first + 1, bus.target.column)
            if len(between) <= left:
                left -= len(between)
                for column in between:
                    thread = _Item(None, column, bus.target.band, _THREAD)
                    bus.threads[column] = thread
                    self.columns[column].append(thread)
            for column, sources in bus.sources.items():
                following = bus.threads.get(column + 1, bus.target)
                for source in sources:
                    _join(source, following)
            for thread in bus.threads.values():
                _join(thread, bus.threads.get(thread.column + 1, bus.target))

    def _rows(self) -> tuple[list[tuple[float, float]], float]:
        """Return the top and the bottom of what each band holds, and the height of all."""
        needed = [0.0] * len(self.bands)
        for column in self.columns:
            heights: dict[int, float] = defaultdict(lambda: -ROW_GAP)
            for item in column:
                heights[item.band] += item.height + ROW_GAP
            for band, height in heights.items():
                needed[band] = max(needed[band], height)
        tops, y = [], 0.0
        for networks, height in zip(self.bands, needed, strict=True):
            framed = self._framed(networks)
            y += (HEAD + FRAME / 2) if framed else 0
            tops.append((y, y + height))
            y += height + (FRAME if framed else 0) + BAND_GAP
        return tops, max(y - BAND_GAP, 0.0)

    def _framed(self, networks: tuple[str, ...]) -> bool:
        return len(networks) == 1 and networks != _NOWHERE and self.picture.grouped

    def _settle(self, tops: Sequence[tuple[float, float]]) -> None:
        """Move all as near to their neighbours as their order in the column leaves room for."""
        groups = [group for column in self.columns for group in _grouped(column)]
        for group in groups:
            top, bottom = tops[group[0].band]
            y = (top + bottom - sum(item.height + ROW_GAP for item in group) + ROW_GAP) / 2
            for item in group:
                item.y = y
                y += item.height + ROW_GAP
        for sweep in range(_SETTLING):
            for group in groups if sweep % 2 else reversed(groups):
                _fit(group, *tops[group[0].band])

    def _abscissas(self) -> tuple[list[tuple[float, float]], float]:
        """Return the left and right edge of each column, and the width of all."""
        widths = [
            max((self.sizes[item.vertex.name][0] for item in column if item.vertex), default=0.0)
            for column in self.columns
        ]
        leads = [0.0] * len(widths)
        turns = [0] * len(widths)
        for bus in self.buses:
            column = bus.target.column
            leads[column] = max(leads[column], self._lead(bus))
            for at in {*bus.sources, *bus.threads}:
                turns[at + 1 if at + 1 < len(turns) else at] += 1
        edges, x = [], (FRAME if self.picture.grouped else 0.0)
        for column, width in enumerate(widths):
            if column:
                busy = leads[column] or turns[column]
                x += leads[column] + _CURVE + min(2.0 * turns[column], 80) if busy else 2 * FRAME + 12
            edges.append((x, x + width))
            x += width
        loop = 30.0 if any(arc.dependent == arc.dependency for arc in self.picture.arcs) else 0.0
        return edges, x + max(FRAME if self.picture.grouped else 0.0, loop)

    def _lead(self, bus: _Bus) -> float:
        return self.label_width(bus.look.label) + 26

    def _drawn(
        self,
        edges: Sequence[tuple[float, float]],
        width: float,
        tops: Sequence[tuple[float, float]],
        height: float,
    ) -> Layout:
        boxes = {
            name: Box(item.vertex, edges[item.column][0], item.y,
                      edges[item.column][1] - edges[item.column][0], item.height)
            for name, item in self.items.items() if item.vertex is not None
        }  # fmt: skip
        leads, lines = [], []
        for bus, y in self._ports():
            left = edges[bus.target.column][0]
            start = left - self._lead(bus)
            leads.append(Lead(bus.look, start, y, left, tuple(bus.arcs)))
            for column, sources in sorted(bus.sources.items()):
                thread = bus.threads.get(column + 1)
                end = (start, y) if thread is None else (edges[column + 1][0], thread.middle)
                lines += [Line(bus.look, edges[column][1], one.middle, *end, first=True) for one in sources]
            for column, thread in bus.threads.items():
                right = edges[column][1]
                lines.append(
                    Line(bus.look, edges[column][0], thread.middle, right, thread.middle, first=False)
                )
                after = bus.threads.get(column + 1)
                end = (start, y) if after is None else (edges[column + 1][0], after.middle)
                lines.append(Line(bus.look, right, thread.middle, *end, first=False))
        loops = [
            Loop(Look(arc.kind, arc.label, marked=True, back=True),
                 boxes[arc.dependent].x + boxes[arc.dependent].width, boxes[arc.dependent].y, arc)
            for arc in self.picture.arcs if arc.dependent == arc.dependency
        ]  # fmt: skip
        frames = self._frames(boxes.values(), tops)
        return Layout(
            tuple(boxes[vertex.name] for vertex in self.picture.vertices),
            tuple(frames), tuple(leads), tuple(lines), tuple(loops), width, height,
        )  # fmt: skip

    def _ports(self) -> Iterable[tuple[_Bus, float]]:
        """Yield each bus and where it meets its service: in the order in which they come from the left."""
        entering: dict[int, list[tuple[float, int, _Bus]]] = defaultdict(list)
        for at, bus in enumerate(self.buses):
            before = bus.target.column - 1
            items = [*bus.sources.get(before, ())]
            if before in bus.threads:
                items.append(bus.threads[before])
            if not items:
                items = [one for each in bus.sources.values() for one in each]
            entering[id(bus.target)].append((sum(one.middle for one in items) / len(items), at, bus))
        for group in entering.values():
            target = group[0][2].target
            step = min(target.height / (len(group) + 1), 26.0) if len(group) > 1 else 0.0
            step = max(step, _PORT) if len(group) > 1 else 0.0
            y = target.middle - step * (len(group) - 1) / 2
            for _, _, bus in sorted(group, key=lambda one: one[:2]):
                yield bus, y
                y += step

    def _frames(self, boxes: Iterable[Box], tops: Sequence[tuple[float, float]]) -> Iterable[Frame]:
        members: dict[int, list[Box]] = defaultdict(list)
        for box in boxes:
            members[self.items[box.vertex.name].band].append(box)
        for band, networks in enumerate(self.bands):
            if self._framed(networks):
                left = min(box.x for box in members[band]) - FRAME
                right = max(box.x + box.width for box in members[band]) + FRAME
                top, bottom = tops[band]
                yield Frame(
                    networks[0], left, top - HEAD - FRAME / 2, right - left, bottom - top + HEAD + FRAME * 1.5
                )


def _join(left: _Item, right: _Item) -> None:
    left.right.append(right)
    right.left.append(left)


def _band(vertex: Vertex) -> tuple[str, ...]:
    return _NOWHERE if vertex.absent else vertex.networks


def _columns(picture: Picture) -> dict[str, int]:
    """Return the column of each vertex: by its level; those without a line fill up the shortest."""
    joined = {name for arc in picture.arcs for name in arc[:2] if arc.dependent != arc.dependency}
    last = max((vertex.level for vertex in picture.vertices if vertex.name in joined), default=-1)
    alone = [vertex for vertex in picture.vertices if vertex.name not in joined]
    number = max(last + 1, min(isqrt(len(alone) + 1), 5) if last < 3 else 0, 1)
    placed = {vertex.name: last - vertex.level for vertex in picture.vertices if vertex.name in joined}
    filled: dict[tuple[str, ...], list[int]] = defaultdict(lambda: [0] * number)
    for vertex in picture.vertices:
        if vertex.name in joined:
            filled[_band(vertex)][placed[vertex.name]] += 1
    # Beside those of their band, and further away only where these columns are full.
    near = {band: [bool(one) for one in counts] for band, counts in filled.items()}
    for vertex in alone:
        counts, close = filled[_band(vertex)], near.get(_band(vertex), [True] * number)
        column = min(
            range(min(number, _FEW)), key=lambda at: (counts[at] // 4, not close[at], counts[at], at)
        )
        counts[column] += 1
        placed[vertex.name] = column
    return placed


def _bands(picture: Picture, placed: Mapping[str, int]) -> list[tuple[str, ...]]:
    """Return the sets of networks that services have, from the top.

    Outer networks come first, and those who join two stand between them.
    """
    columns: dict[tuple[str, ...], list[int]] = defaultdict(list)
    for vertex in picture.vertices:
        columns[_band(vertex)].append(placed[vertex.name])
    absent = [_NOWHERE] if _NOWHERE in columns else []
    single = sorted(
        (band for band in columns if len(band) == 1 and band != _NOWHERE),
        key=lambda band: (sum(columns[band]) / len(columns[band]), band),
    )
    order = {band[0]: at for at, band in enumerate(single)}
    known: dict[tuple[str, ...], tuple[float, int, tuple[str, ...]]] = {}
    for band in columns:
        if len(band) == 1:  # of its own, or absent
            continue
        at = [order[network] for network in band if network in order]
        known[band] = (sum(at) / len(at) if at else float(len(order)), 1, band)
    known |= {band: (float(at), 0, band) for at, band in enumerate(single)}
    return [*_closer(sorted(known, key=lambda band: known[band]), picture), *absent]


def _closer(bands: list[tuple[str, ...]], picture: Picture) -> list[tuple[str, ...]]:
    """Return bands in an order in which those with lines between them are nearer, by swaps of neighbours."""
    if not 2 < len(bands) <= _FEW:
        return bands
    of = {vertex.name: _band(vertex) for vertex in picture.vertices}
    pulls: dict[tuple[str, ...], dict[tuple[str, ...], int]] = defaultdict(lambda: defaultdict(int))
    pairs = [(of[arc.dependent], of[arc.dependency]) for arc in picture.arcs]
    pairs += [(band, (network,)) for band in bands if len(band) > 1 for network in band]
    for one, other in pairs:
        if one != other and one in bands and other in bands:
            pulls[one][other] += 1
            pulls[other][one] += 1
    places = {band: at for at, band in enumerate(bands)}
    for _ in range(len(bands)):
        swapped = False
        for at in range(len(bands) - 1):
            upper, lower = bands[at : at + 2]
            # What is pulled up and down: a swap moves each one by a place.
            gain = sum(w if places[b] > at else -w for b, w in pulls[upper].items() if b != lower)
            gain += sum(w if places[b] < at else -w for b, w in pulls[lower].items() if b != upper)
            if gain > 0:
                bands[at : at + 2] = lower, upper
                places[lower], places[upper] = at, at + 1
                swapped = True
        if not swapped:
            break
    return bands


def _discovered(picture: Picture) -> Iterable[str]:
    """Yield the names in the order of a walk from those that nothing depends on."""
    following: dict[str, list[str]] = defaultdict(list)
    wanted = set()
    for arc in picture.arcs:
        following[arc.dependent].append(arc.dependency)
        wanted.add(arc.dependency)
    roots = sorted(vertex.name for vertex in picture.vertices if vertex.name not in wanted)
    seen: set[str] = set()
    open_ends = [*reversed([*roots, *sorted(wanted)])]
    while open_ends:
        name = open_ends.pop()
        if name not in seen:
            seen.add(name)
            yield name
            open_ends += reversed(following[name])


def _untangle(columns: list[list[_Item]]) -> None:
    """Order each column so that few lines cross: sweeps to the right and to the left by barycenters."""
    for column in columns:
        column.sort(key=lambda item: item.band)
    _number(columns)
    best, fewest = [list(column) for column in columns], _crossings(columns)
    for sweep in range(_SWEEPS):
        if not fewest:
            break
        rightwards = sweep % 2 == 0
        for at in range(len(columns)) if rightwards else range(len(columns) - 1, -1, -1):
            column = columns[at]
            wanted = {}
            for item in column:
                near = item.left if rightwards else item.right
                wanted[id(item)] = sum(one.spot for one in near) / len(near) if near else item.spot
            column.sort(key=lambda item: (item.band, wanted[id(item)], item.spot))
            _number([column])
        crossings = _crossings(columns)
        if crossings < fewest:
            best, fewest = [list(column) for column in columns], crossings
    columns[:] = best
    _number(columns)


def _number(columns: Iterable[list[_Item]]) -> None:
    for column in columns:
        for at, item in enumerate(column):
            item.spot = at - (len(column) - 1) / 2


def _crossings(columns: Iterable[list[_Item]]) -> int:
    """Return how many pairs of lines between neighbouring columns cross: inversions, by a Fenwick tree."""
    total = 0
    for before, after in pairwise(columns):
        places = {id(item): at for at, item in enumerate(after)}
        tree = [0] * (len(after) + 1)
        seen = 0
        for item in before:
            ends = sorted(places[id(one)] for one in item.right if id(one) in places)
            for end in ends:
                at, below = end + 1, 0
                while at:
                    below += tree[at]
                    at &= at - 1
                total += seen - below
            for end in ends:
                at = end + 1
                while at <= len(after):
                    tree[at] += 1
                    at += at & -at
            seen += len(ends)
    return total


def _grouped(column: Sequence[_Item]) -> Iterable[list[_Item]]:
    """Yield the items of each band of a column."""
    group: list[_Item] = []
    for item in column:
        if group and group[0].band != item.band:
            yield group
            group = []
        group.append(item)
    if group:
        yield group


def _fit(group: Sequence[_Item], top: float, bottom: float) -> None:
    """Put the items where they are nearest to their neighbours' middles, in their order and in the band.

    That is isotonic regression (pool adjacent violators) of where each would be without those above.
    """
    above = 0.0
    pools: list[tuple[float, int]] = []  # the sum of what is wanted, and by how many
    offsets = []
    for item in group:
        near = [*item.left, *item.right]
        wanted = sum(one.middle for one in near) / len(near) if near else item.middle
        offsets.append(above)
        pools.append((wanted - item.height / 2 - above, 1))
        above += item.height + ROW_GAP
        while len(pools) > 1 and pools[-2][0] * pools[-1][1] > pools[-1][0] * pools[-2][1]:
            last, number = pools.pop()
            pools[-1] = (pools[-1][0] + last, pools[-1][1] + number)
    most = bottom - (above - ROW_GAP)
    at = 0
    for total, number in pools:
        place = max(min(total / number, most), top)
        for item in group[at : at + number]:
            item.y = round(place + offsets[at], 2)
            at += 1
