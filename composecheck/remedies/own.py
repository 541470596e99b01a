"""A healthcheck for a service of the user's own: by what its image has, on the port that it listens on."""

from __future__ import annotations

import re

from composecheck.knowledge import Probing
from composecheck.named import TYPE_CHECKING
from composecheck.remedies import Offer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from composecheck.facts import Facts
    from composecheck.knowledge import Family
    from composecheck.model.built import Built
    from composecheck.model.project import Service

# What can ask whether somebody listens on a port, what is in the image in any case before what costs least.
_WAYS = {
    "python": ("python", "-c", "import socket; socket.create_connection(('127.0.0.1', {port}), 2)"),
    "python3": ("python3", "-c", "import socket; socket.create_connection(('127.0.0.1', {port}), 2)"),
    "node": (
        "node",
        "-e",
        "require('net').connect({port}, '127.0.0.1').on('connect', () => process.exit(0))"
        ".on('error', () => process.exit(1))",
    ),
    "php": ("php", "-r", "exit(@fsockopen('127.0.0.1', {port}) ? 0 : 1);"),
    "ruby": ("ruby", "-rsocket", "-e", "TCPSocket.new('127.0.0.1', {port}).close"),
    "bash": ("bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/{port}"),
    "nc": ("nc", "-z", "127.0.0.1", "{port}"),
}
# These want a page that answers with success: which one, only its author knows.
_PAGES = {
    "curl": ("curl", "-fs", "-o", "/dev/null", "http://127.0.0.1:{port}/"),
    "wget": ("wget", "-q", "-O", "/dev/null", "http://127.0.0.1:{port}/"),
}
_INSTALLS = r"\b(?:(?:apt|apt-get|dnf|microdnf|yum)\s[^&|;]*\binstall|apk\s[^&|;]*\badd)\b([^&|;]*)"
_PACKAGES = {
    "bash": "bash",
    "curl": "curl",
    "wget": "wget",
    "netcat-openbsd": "nc",
    "netcat-traditional": "nc",
}
_NUMBER = r"\d{1,5}"


def own(facts: Facts, service: Service, family: Family | None) -> Offer:
    """Return a healthcheck that can work for a service whose image brings none that is known."""
    built = facts.images.built(service)
    port = next(_ports(facts, service, built, family), None)
    bare = (built is not None and built.base == "scratch") or (family is not None and not family.shell)
    tools = set(_installed(built))
    if family is not None and (family.certain or family.kind != "runtime"):
        tools |= family.tools
    if bare and not tools:
        return Offer(None, doubt="its image has neither a shell nor a client: the program itself has to tell")
    if port is None:
        return Offer(None, doubt="look up what tells that it is ready: no file names a port of it")
    for ways, doubt in ((_WAYS, ""), (_PAGES, "give it a page that always answers")):
        for tool, words in ways.items():
            if tool in tools:
                test = ("CMD", *(word.replace("{port}", str(port)) for word in words))
                return Offer(Probing(test), doubt=doubt)
    asking = f"whether somebody answers on port {port}"
    return Offer(None, doubt=f"look up what its image has that can ask {asking}, such as 'curl' or 'nc'")


def _ports(facts: Facts, service: Service, built: Built | None, family: Family | None) -> Iterator[int]:
    """Yield the TCP ports that a service seems to listen on, the likeliest first."""
    told = service.environment.get("PORT") or ""
    for port in service.ports:
        if port.protocol == "tcp":
            yield port.target
    for text in service.expose:
        if match := re.match(_NUMBER, text):
            yield int(match[0])
    if re.fullmatch(_NUMBER, told):
        yield int(told)
    for ports in built.ports if built is not None else ():
        yield ports[0]
    yield from family.ports if family is not None else ()
    if service.name in facts.called_at:
        yield facts.called_at[service.name]


def _installed(built: Built | None) -> Iterator[str]:
    """Yield the commands that a Dockerfile installs by the packages of their names."""
    for instruction in built.instructions if built is not None else ():
        if instruction.keyword == "RUN":
            for packages in re.findall(_INSTALLS, instruction.text):
                for package in packages.split():
                    if package in _PACKAGES:
                        yield _PACKAGES[package]
