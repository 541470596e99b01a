"""Geometry of what is drawn, on projects made by chance."""

import json
import time
from itertools import combinations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from composecheck.lint import check
from composecheck.report.graph import svg
from composecheck.report.graph.layout import lay_out
from composecheck.report.graph.model import picture

NETWORKS = ["default", "back", "front", "a-network-with-a-name-that-is-longer-than-any-box"]
NAMES = st.text("abmW_.-09", min_size=1, max_size=30).filter(lambda name: name[0].isalnum())


@st.composite
def projects(draw):
    names = draw(st.lists(NAMES, min_size=1, max_size=14, unique=True))
    services = {}
    for name in names:
        services[name] = {
            "image": draw(st.sampled_from(["x", "postgres:16", "registry.example.org/a/" + "b" * 60]))
        }
        services[name]["networks"] = draw(
            st.lists(st.sampled_from(NETWORKS), unique=True, min_size=1, max_size=4)
        )
        services[name]["ports"] = draw(st.lists(st.sampled_from(["80", "1-40:1-40", "9:9/udp"]), unique=True))
        others = draw(st.lists(st.sampled_from([*names, "absent"]), unique=True, max_size=5))
        conditions = st.sampled_from(["service_started", "service_healthy", "service_completed_successfully"])
        services[name]["depends_on"] = {other: {"condition": draw(conditions)} for other in others}
    return {"name": "p", "services": services, "networks": dict.fromkeys(NETWORKS)}


def drawing(project, folder):
    path = folder / "compose.yml"
    path.write_text(json.dumps(project))
    return svg._Drawing(picture(check(path, environment={})))


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return tmp_path_factory.mktemp("layout")


def overlap(one, other):
    return (
        one.x < other.x + other.width
        and other.x < one.x + one.width
        and one.y < other.y + other.height
        and other.y < one.y + one.height
    )


def inside(one, other):
    return (
        other.x <= one.x
        and other.y <= one.y
        and one.x + one.width <= other.x + other.width
        and one.y + one.height <= other.y + other.height
    )


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(project=projects())
def test_nothing_overlaps_and_frames_hold_their_own_alone(project, folder):
    layout = drawing(project, folder).layout
    assert len(layout.boxes) >= len(project["services"])
    for one, other in combinations(layout.boxes, 2):
        assert not overlap(one, other)
    for one, other in combinations(layout.frames, 2):
        assert not overlap(one, other)
    for frame in layout.frames:
        for box in layout.boxes:
            if box.vertex.networks == (frame.network,):
                assert inside(box, frame)
            else:
                assert not overlap(box, frame)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(project=projects())
def test_all_is_in_the_picture_and_lines_keep_out_of_boxes(project, folder):
    layout = drawing(project, folder).layout
    for each in (*layout.boxes, *layout.frames):
        assert each.x >= 0
        assert each.y >= 0
        assert each.x + each.width <= layout.width + 0.01
        assert each.y + each.height <= layout.height + 0.01
    for line in layout.lines:
        assert line.x <= line.end_x
        for box in layout.boxes:
            if line.x < box.x + box.width and box.x < line.end_x:
                # It passes a column, and is straight there.
                assert line.y == line.end_y
                assert not box.y <= line.y <= box.y + box.height
    for lead in layout.leads:
        ends = [box for box in layout.boxes if box.x == lead.end and box.y <= lead.y <= box.y + box.height]
        names = {box.vertex.name for box in ends}
        assert names & {arc.dependent if lead.look.back else arc.dependency for arc in lead.arcs}


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(project=projects())
def test_every_dependency_has_a_lead_or_a_loop(project, folder):
    made = drawing(project, folder)
    drawn = {arc[:2] for lead in made.layout.leads for arc in lead.arcs}
    drawn |= {loop.arc[:2] for loop in made.layout.loops}
    assert drawn == {arc[:2] for arc in made.picture.arcs}


def test_text_is_cut_to_its_box():
    # Of the widest face that browsers fall back to a letter is at most this wide (DejaVu Sans Bold, in em).
    assert svg.text_width("mmmm", 10) >= 4 * 10.4
    assert svg.text_width("e", 100) >= 67.8
    for size in (9.5, 13):
        cut = svg._cut("W" * 100, size, 200)
        assert cut.endswith("…")
        assert svg.text_width(cut, size) <= 200


@pytest.mark.slow
@pytest.mark.parametrize("shape", ["chain", "fan", "wheel", "apart"])
def test_time_grows_with_the_size(shape, folder):
    def seconds(number):
        names = [f"s{at}" for at in range(number)]
        needs = {
            "chain": lambda at: {names[at - 1], names[0], names[at // 2]} if at else set(),
            "fan": lambda at: set(names[1:]) if not at else set(),
            "wheel": lambda at: {names[0]} if at else set(),
            "apart": lambda _: set(),
        }[shape]
        services = {
            name: {"image": "x", "depends_on": sorted(needs(at)), "networks": [f"n{at % 50}"]}
            for at, name in enumerate(names)
        }
        networks = {f"n{at}": {} for at in range(50)}
        path = folder / "large.yml"
        path.write_text(json.dumps({"name": "p", "services": services, "networks": networks}))
        drawn = picture(check(path, environment={}))
        start = time.process_time()
        svg.render(drawn)
        return time.process_time() - start

    small = min(seconds(100) for _ in range(2))
    assert seconds(800) < 8 * max(small, 0.02) * 5


def test_the_same_picture_has_the_same_layout(folder):
    project = {
        "services": {f"s{n}": {"image": "x", "depends_on": [f"s{n // 2}"] if n else []} for n in range(30)}
    }
    shown = picture(check(write(folder, project), environment={}))
    size = lambda _: (100.0, 40.0)  # noqa: E731
    assert lay_out(shown, size, len) == lay_out(shown, size, len)


def write(folder, project):
    path = folder / "same.yml"
    path.write_text(json.dumps(project))
    return path
