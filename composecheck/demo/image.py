"""A small image made on the spot from the running interpreter: no registry, nothing to download.

It holds what a Python that has imported the modules below has open: the program, its shared
libraries, the modules as bytecode, and a shell with its libraries for CMD-SHELL healthchecks.
Every library goes to /usr/lib, wherever this machine keeps it, so that pyenv's interpreter and
the distribution's give the same layout.
"""

from __future__ import annotations

import hashlib
import io
import json
import marshal
import os
import platform
import shutil
import struct
import subprocess
import sys
import sysconfig
import tarfile
from functools import cache
from importlib.util import MAGIC_NUMBER
from pathlib import Path

from composecheck.engine.moby import load

MODULES = """
    argparse base64 calendar codecs collections.abc contextlib copy csv datetime email.message
    email.parser encodings.ascii encodings.idna encodings.latin_1 encodings.utf_8 errno fcntl
    functools getpass glob hashlib heapq html http.client http.server io ipaddress itertools json
    logging math mimetypes operator os pathlib pkgutil platform queue random re runpy secrets select
    selectors shlex shutil signal site socket socketserver statistics string struct subprocess sys
    tempfile textwrap threading time tokenize traceback typing urllib.parse urllib.request uuid
    warnings
"""

# Python as process 1 does not die of SIGTERM, but it raises KeyboardInterrupt on SIGINT.
CONFIG = {
    "Env": [
        "PATH=/usr/bin:/bin",
        "LD_LIBRARY_PATH=/usr/lib",
        "PYTHONUNBUFFERED=1",
        "PYTHONDONTWRITEBYTECODE=1",
    ],
    "Cmd": ["python"],
    "StopSignal": "SIGINT",
}
_ARCHITECTURES = {"x86_64": "amd64", "aarch64": "arm64", "armv7l": "arm", "i686": "386"}

# OpenSSL is larger than all the rest; the modules that would use it do without.
_PYTHON_SCRIPT = """
import importlib, json, sys
sys.modules.update(ssl=None, _ssl=None, _hashlib=None)
for name in sys.argv[1:]:
    importlib.import_module(name)
modules = [name for name, module in sys.modules.items() if module]
json.dump([modules, open("/proc/self/maps").read()], sys.stdout)
"""
_SHELL_SCRIPT = 'while read -r line; do echo "$line"; done </proc/self/maps'

_FILES = {
    "etc/passwd": "root:x:0:0:root:/root:/bin/sh\nnobody:x:65534:65534:nobody:/:/bin/sh\n",
    "etc/group": "root:x:0:\nnogroup:x:65534:\n",
    "etc/nsswitch.conf": "hosts: files dns\n",
}


def ensure_image() -> str | None:
    """Return the tag of the image, made and loaded where the engine at hand lacks it.

    None where the engine runs another system or architecture than this interpreter's.
    """
    if load.platform() != (sys.platform, _architecture()):
        return None
    tag = image_tag()
    if not load.has_image(tag):
        load.load_image(image_archive(tag))
    return tag


@cache
def image_tag() -> str:
    """Return the tag: the interpreter's version, and a digest of it and of this recipe."""
    recipe = [sys.version, *platform.libc_ver(), MODULES, CONFIG, _FILES, Path(__file__).read_text("utf-8")]
    digest = hashlib.sha256(json.dumps(recipe).encode()).hexdigest()[:12]
    return f"composecheck-demo/python:{platform.python_version()}-{digest}"


def image_archive(tag: str) -> bytes:
    """Return the image as `docker save` would: its one layer, its configuration, and a manifest."""
    layer = _layer()
    config = {
        "os": "linux",
        "architecture": _architecture(),
        "config": CONFIG,
        "rootfs": {"type": "layers", "diff_ids": [f"sha256:{hashlib.sha256(layer).hexdigest()}"]},
    }
    archive = _Tree()
    archive.add("layer.tar", layer)
    archive.add("config.json", json.dumps(config).encode())
    archive.add(
        "manifest.json",
        json.dumps([{"Config": "config.json", "RepoTags": [tag], "Layers": ["layer.tar"]}]).encode(),
    )
    return archive.close()


def _architecture() -> str:
    """Return this machine's architecture in Go's word."""
    machine = platform.machine().lower()
    return _ARCHITECTURES.get(machine, machine)


def _layer() -> bytes:
    """Return the image's file system as a tar."""
    python = shutil.which(sys.executable) or sys.executable
    modules, maps = json.loads(_output([python, "-I", "-S", "-c", _PYTHON_SCRIPT, *MODULES.split()]))
    shell = shutil.which("sh") or "/bin/sh"
    programs = {"usr/bin/python": _mapped(maps), "bin/sh": _mapped(_output([shell, "-c", _SHELL_SCRIPT]))}

    tree = _Tree()
    for folder, mode in (("tmp", 0o1777), ("root", 0o700), ("proc", 0o755), ("sys", 0o755), ("dev", 0o755)):
        tree.folder(folder, mode)
    for place, text in _FILES.items():
        tree.add(place, text.encode())
    tree.link("usr/bin/python3", "python")
    library = f"usr/{sys.platlibdir}/python{sys.version_info.major}.{sys.version_info.minor}"
    for place, (program, *libraries) in programs.items():
        tree.add(place, program.read_bytes(), mode=0o755)
        loader = _interpreter(program)
        if loader:
            tree.add(loader.lstrip("/"), Path(loader).read_bytes(), mode=0o755)
        for shared in [*libraries, *_name_service(libraries)]:
            if shared.parent.name == "lib-dynload":
                tree.add(f"{library}/lib-dynload/{shared.name}", shared.read_bytes())
            else:
                for name in _names(shared):
                    tree.add(f"usr/lib/{name}", shared.read_bytes(), mode=0o755)
    stdlib = Path(sysconfig.get_path("stdlib"))
    for name in modules:
        path = name.replace(".", "/")
        for source in (f"{path}.py", f"{path}/__init__.py"):
            if (stdlib / source).is_file():
                tree.add(f"{library}/{source}c", _bytecode(stdlib / source))
    return tree.close()


class _Tree:
    """A tar under construction, owned by root."""

    def __init__(self) -> None:
        self._bytes = io.BytesIO()
        self._tar = tarfile.TarFile(fileobj=self._bytes, mode="w")
        self._places: set[str] = set()

    def folder(self, place: str, mode: int) -> None:
        self._put(_entry(place, mode, tarfile.DIRTYPE))

    def add(self, place: str, content: bytes, *, mode: int = 0o644) -> None:
        entry = _entry(place, mode, tarfile.REGTYPE)
        entry.size = len(content)
        self._put(entry, content)

    def link(self, place: str, target: str) -> None:
        entry = _entry(place, 0o777, tarfile.SYMTYPE)
        entry.linkname = target
        self._put(entry)

    def _put(self, entry: tarfile.TarInfo, content: bytes = b"") -> None:
        if entry.name not in self._places:
            self._places.add(entry.name)
            self._tar.addfile(entry, io.BytesIO(content))

    def close(self) -> bytes:
        self._tar.close()
        return self._bytes.getvalue()


def _entry(place: str, mode: int, kind: bytes) -> tarfile.TarInfo:
    entry = tarfile.TarInfo(place)
    entry.mode, entry.type = mode, kind
    return entry


def _output(command: list[str]) -> str:
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout  # noqa: S603  # our own


def _mapped(maps: str) -> list[Path]:
    """Return a process's program and then its libraries, from its /proc/self/maps."""
    paths = [line.split(maxsplit=5)[5] for line in maps.splitlines() if line.count("/")]
    files = list(dict.fromkeys(Path(path.strip()) for path in paths))
    return [file for n, file in enumerate(files) if n == 0 or ".so" in file.name]


def _names(library: Path) -> list[str]:
    """Return a library's file name, and the names that link to it: programs ask for one of these."""
    links = [
        entry.name
        for entry in os.scandir(library.parent)
        if entry.is_symlink() and ".so" in entry.name and Path(entry.path).resolve() == library
    ]
    return [library.name, *sorted(name for name in links if not name.endswith(".so"))]


def _name_service(libraries: list[Path]) -> list[Path]:
    """Return what an older C library loads only once it looks up a host."""
    folders = {library.parent for library in libraries if library.name.startswith("libc.so")}
    names = ("libnss_files.so.2", "libnss_dns.so.2", "libresolv.so.2")
    return [folder / name for folder in sorted(folders) for name in names if (folder / name).is_file()]


def _interpreter(program: Path) -> str | None:
    """Return the dynamic loader that an ELF program names (PT_INTERP), None for a static one."""
    data = program.read_bytes()
    order = "<" if data[5] == 1 else ">"
    if data[4] == 2:
        offset, size, count = (
            *struct.unpack_from(order + "Q", data, 32),
            *struct.unpack_from(order + "HH", data, 54),
        )
        layout = "IIQQQQ"  # type, flags, offset, address, physical address, size
    else:
        offset, size, count = (
            *struct.unpack_from(order + "I", data, 28),
            *struct.unpack_from(order + "HH", data, 42),
        )
        layout = "IIIII"  # type, offset, address, physical address, size
    for n in range(count):
        fields = struct.unpack_from(order + layout, data, offset + n * size)
        if fields[0] == 3:
            start = fields[2] if data[4] == 2 else fields[1]
            return data[start : start + fields[-1]].rstrip(b"\0").decode()
    return None


def _bytecode(module: Path) -> bytes:
    """Return a module as a .pyc that needs no source beside it."""
    code = compile(module.read_bytes(), module.name, "exec", dont_inherit=True, optimize=0)
    return MAGIC_NUMBER + bytes(12) + marshal.dumps(code)
