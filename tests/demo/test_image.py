"""The image made from the running interpreter."""

from __future__ import annotations

import io
import json
import platform
import sys
import tarfile
import time

import pytest

from composecheck.demo import image

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the image is made of a Linux interpreter")


@pytest.fixture(scope="module")
def archive():
    with tarfile.open(fileobj=io.BytesIO(image.image_archive("made/here:1"))) as tar:
        yield tar


@pytest.fixture(scope="module")
def layer(archive):
    with tarfile.open(fileobj=archive.extractfile("layer.tar")) as tar:
        yield tar


def test_archive_names_its_tag_and_its_one_layer(archive):
    [manifest] = json.load(archive.extractfile("manifest.json"))
    assert manifest == {"Config": "config.json", "RepoTags": ["made/here:1"], "Layers": ["layer.tar"]}


def test_layer_holds_interpreter_shell_and_modules_as_bytecode(layer):
    names = layer.getnames()
    library = f"usr/{sys.platlibdir}/python{sys.version_info.major}.{sys.version_info.minor}"
    assert {"usr/bin/python", "usr/bin/python3", "bin/sh", f"{library}/os.pyc"} <= set(names)
    assert not [name for name in names if name.endswith(".py")]
    assert len(names) == len(set(names))


def test_layer_leaves_openssl_out(layer):
    assert not [name for name in layer.getnames() if "ssl" in name or "libcrypto" in name]


def test_tag_names_the_interpreter():
    assert image.image_tag().startswith(f"composecheck-demo/python:{platform.python_version()}-")


def test_a_program_names_its_loader(tmp_path):
    loader = image._interpreter(image._mapped(image.Path("/proc/self/maps").read_text())[0])
    assert loader is None or image.Path(loader).is_file()


@pytest.mark.engine
class TestOnTheEngine:
    def output(self, engine, tag, *command):
        return engine.containers.run(tag, list(command), remove=True, stderr=True).decode()

    def test_python_is_this_version(self, docker_engine, python_image):
        assert (
            self.output(docker_engine, python_image, "python", "-V")
            == f"Python {platform.python_version()}\n"
        )

    def test_all_its_modules_can_be_imported(self, docker_engine, python_image):
        names = ", ".join(image.MODULES.split())
        script = f"import {names}; print('all')"
        assert self.output(docker_engine, python_image, "python", "-c", script) == "all\n"

    def test_shell_runs_python(self, docker_engine, python_image):
        assert (
            self.output(docker_engine, python_image, "sh", "-c", "python3 -c 'print(6 * 7)' && echo ok")
            == "42\nok\n"
        )

    def test_names_are_looked_up(self, docker_engine, python_image):
        script = "import socket; print(socket.gethostbyname('localhost'))"
        assert self.output(docker_engine, python_image, "python", "-c", script) == "127.0.0.1\n"

    def test_a_sleeping_process_stops_at_once(self, docker_engine, python_image):
        container = docker_engine.containers.run(
            python_image,
            ["python", "-c", "print('up', flush=True); import time; time.sleep(60)"],
            detach=True,
        )
        try:
            next(container.logs(stream=True))
            began = time.monotonic()
            container.stop(timeout=20)
            assert time.monotonic() - began < 10
        finally:
            container.remove(force=True)

    def test_an_image_that_the_engine_has_is_not_made_again(self, python_image, monkeypatch):
        monkeypatch.delattr(image, "image_archive")
        assert image.ensure_image() == python_image
