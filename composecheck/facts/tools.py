"""What commands a service's image has, by what is known of it and what a Dockerfile or a mount may bring."""

from __future__ import annotations

import re

from composecheck.facts.commands.shells import is_shell
from composecheck.facts.uses import uses
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Literal

    from composecheck.dockerfile.instructions import Instruction
    from composecheck.facts import Facts
    from composecheck.model.built import Built
    from composecheck.model.project import Service

    Brings = Literal["yes", "maybe", "no"]

_FOLDERS = ("/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin")
# What instructions run that brings no command of a usual name that they do not name.
_BRINGS_NONE = frozenset(
    """pip pip3 npm yarn pnpm npx node python python3 poetry uv bundle gem composer cargo go mvn ./mvnw gradle
    ./gradlew dotnet mkdir chown chmod adduser addgroup useradd groupadd usermod rm cp mv ln echo printf touch
    sed cat tee cd set true find test [ export : apt-get apt apk""".split()  # noqa: SIM905 - words
)
_PACKAGES = r"\b(?:apt(?:-get)?\s[^&|;]*\binstall|apk\s[^&|;]*\badd)\b([^&|;]*)"
# What the names of packages have in them that bring a command.
_RELATED = {
    "bash": "bash|[@$]",
    "curl": "[@$]",
    "nc": "netcat|ncat|nmap|busybox|[@$]",
    "ping": "iputils|inetutils|busybox|[@$]",
    "telnet": "telnet|inetutils|busybox|[@$]",
    "wget": "busybox|[@$]",
}


def brings(image: Built, tool: str) -> Brings:
    """Return whether the instructions of a Dockerfile bring a command."""
    brought: Brings = "no"
    for instruction in image.instructions:
        answer: Brings = "no"
        if instruction.keyword == "RUN":
            answer = _run_brings(instruction, tool)
        elif instruction.keyword in ("COPY", "ADD"):
            answer = _copy_brings(instruction, tool)
        elif instruction.keyword == "SHELL" and tool == "sh":
            answer = "yes"
        if answer == "yes":
            return answer
        brought = answer if answer == "maybe" else brought
    return brought


def _run_brings(instruction: Instruction, tool: str) -> Brings:
    from composecheck.facts.commands.shell import read

    text = _script(instruction)
    if tool == "sh" or text is None:
        return "maybe"
    if re.search(rf"(?<![\w-]){re.escape(tool)}(?!\w)", text):
        return "yes"
    words = instruction.command if not instruction.heredocs else None
    commands = [words] if words is not None else [command.words for command in read(text).commands]
    plain = "<<" not in text and all(command[0] in _BRINGS_NONE for command in commands if command)
    if not plain:
        return "maybe"
    # A package of another name may bring it, but hardly one whose name has nothing to do with it.
    packages = " ".join(re.findall(_PACKAGES, text))
    return "maybe" if packages and re.search(_RELATED.get(tool, r"\S"), packages) else "no"


def _script(instruction: Instruction) -> str | None:
    """Return what a shell runs, None where something else reads it.

    The body of a heredoc is a script where nothing, or a shell, reads it; else it is a file's text.
    """
    if not instruction.heredocs:
        return instruction.text
    rest = re.sub(r"(?<!\S)\d*<<-?[ \t]*\S+", "", instruction.text).strip()
    if rest and not is_shell(rest.split()[0]):
        return rest
    body = "\n".join(each.text for each in instruction.heredocs)
    first = body.partition("\n")[0]
    return body if not first.startswith("#!") or is_shell(first.split()[-1]) else None


# What such files hold is run by something else, and unpacked by nobody.
_NO_COMMAND = (
    r"\w\.(?:cfg|conf|css|env|go|html|ini|jar|js|json|lock|md|mjs|mod|php|py|rb|sql|sum|toml|ts|txt|war"
    r"|ya?ml)$"
)


def _copy_brings(instruction: Instruction, tool: str) -> Brings:
    words: Sequence[str] = instruction.command or instruction.text.split()
    if len(words) < 2 or (not instruction.heredocs and "<<" in instruction.text):
        return "maybe"
    *sources, target = words
    if instruction.heredocs:  # a file of the target's name, whatever is in it
        sources = [source for source in sources if not source.startswith("<<")]
        if not sources:
            return "yes" if target.rpartition("/")[2] == tool.rpartition("/")[2] else "no"
    name = tool.rpartition("/")[2]
    if any(source.rstrip("/").rpartition("/")[2] == name for source in (*sources, target)):
        return "yes"
    folder = target.rstrip("/")
    if "/" in tool and (not target.startswith("/") or tool == folder or tool.startswith(f"{folder}/")):
        return "yes"
    if "$" not in target and all(re.search(_NO_COMMAND, source) for source in sources):
        return "no"
    return "maybe" if folder in ("", *_FOLDERS, "/usr", "/usr/local") or "$" in target else "no"


def mounted(facts: Facts, service: Service, tool: str) -> bool:
    """Return whether a mount, a secret or a config may bring a command."""
    targets = [mount.target.rstrip("/") for mount in service.mounts]
    targets += [use.target for use in uses(facts.whole, service)]
    return any(
        target in ("", *_FOLDERS, "/usr", "/usr/local")
        or target.rpartition("/")[2] == tool.rpartition("/")[2]
        or tool.startswith(f"{target}/")
        for target in targets
    )


# What may bring a command while the container starts.
_INSTALLING = r"\b(?:apk\s[^\n]*\badd|(?:apt|apt-get|aptitude|yum|dnf|microdnf|zypper)\s[^\n]*\binstall)\b"


def lacking(facts: Facts, service: Service, texts: Sequence[str]) -> frozenset[str]:
    """Return the commands that a service's container surely does not have.

    `texts` are what it runs, which may install them.
    """
    family = facts.images.known(service)
    if family is None or not family.absent or any(re.search(_INSTALLING, text) for text in texts):
        return frozenset()
    image = facts.images.built(service)
    return frozenset(
        tool
        for tool in family.absent
        if any(tool in text for text in texts)
        and not mounted(facts, service, tool)
        and (image is None or brings(image, tool) == "no")
    )
