"""A healthcheck for a service of the user's own: by what its image has, on the port that it listens on."""

from __future__ import annotations

import re

from composecheck.facts.ports import exposed, open_ports
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
# What takes its work from a queue or a clock, and listens nowhere.
_WORKERS = (
    r"\bcelery\b.*\b(?:worker|beat)\b|\b(?:sidekiq|resque|good_job|dramatiq|huey_consumer|arq|taskiq\s+worker"
    r"|delayed_job)\b|\bjobs:work\b|\brq\s+worker|\brqworker\b|\brqscheduler\b|\bqcluster\b|\brun_huey\b"
    r"|\bdb_worker\b|\bprocess_tasks\b|\bsolid_queue:start\b|\bqueue:(?:work|listen)\b|\bschedule:(?:work|run)\b"
    r"|\bartisan\s+horizon\b|\bmessenger:consume\b|\bfaktory_worker\b|\b(?:airflow\s+)?(?:scheduler|triggerer)$"
    r"|\b(?:supercronic|crond?)\b(?=\s|$)|(?:^|[\s/_:.]|\w-)(?:workers?|consumers?)(?:\.\w+)?(?=\s|$)"
)
# What listens on the port that its image speaks of, whatever else is told to it.
_SERVERS = (
    r"\b(?:gunicorn|uvicorn|hypercorn|daphne|waitress-serve|uwsgi|granian|runserver(?:_plus)?|puma|unicorn|rackup"
    r"|php-fpm\S*|apache2-foreground|httpd-foreground|nginx|streamlit\s+run|http\.server|http-server"
    r"|frankenphp|caddy|flower|jupyter\S*|mkdocs\s+serve|vite|webpack-dev-server|ts-node-dev|nodemon)\b"
    r"|\bflask\b.*\brun\b|\bfastapi\s+(?:run|dev)\b|\brails\s+(?:s|server)\b|\bartisan\s+(?:serve|octane)\S*"
    r"|\bphp\s+-S\b|\b(?:next|nuxt|remix|astro|ng|serve|nest)\s+(?:start|dev|serve|preview|-s)\b"
    r"|\b(?:npm|yarn|pnpm|bun)\s+(?:run\s+)?(?:start|dev|develop|serve|server|preview|web|api)\b"
    r"|(?:^|[\s/_:-])(?:server|app|main|index|wsgi|asgi|www|web|api|backend|frontend)"
    r"(?:\.(?:py|[cm]?js|ts|rb|php|jar|dll|sh))(?=\s|$)"
)


def own(facts: Facts, service: Service, family: Family | None) -> Offer:
    """Return a healthcheck that can work for a service whose image brings none that is known."""
    built = facts.images.built(service)
    command = _command(facts, service)
    port = next(_ports(facts, service, built, family, command), None)
    bare = (built is not None and built.base == "scratch") or (family is not None and not family.shell)
    tools = set(_installed(built))
    if family is not None and (family.certain or family.kind != "runtime"):
        tools |= family.tools
    if bare and not tools:
        return Offer(None, doubt="its image has neither a shell nor a client: the program itself has to tell")
    if works_alone(command):
        return Offer(None, doubt=WORKS_ALONE)
    if port is None:
        given = service.command is not None or service.entrypoint is not None
        named = next(_named(service, built, family), None)
        why = (
            f"port {named} is its image's, and may be nothing to its command"
            if given and named is not None
            else "no file names a port of it"
        )
        return Offer(None, doubt=f"look up what tells that it is ready: {why}")
    for ways, doubt in ((_WAYS, ""), (_PAGES, "give it a page that always answers")):
        for tool, words in ways.items():
            if tool in tools:
                test = ("CMD", *(word.replace("{port}", str(port)) for word in words))
                probing = Probing(test)
                if family is not None and family.first_boot is not None:
                    from composecheck.knowledge import lasting

                    probing = lasting(probing, family.first_boot)
                return Offer(probing, doubt=doubt)
    asking = f"whether somebody answers on port {port}"
    return Offer(None, doubt=f"look up what its image has that can ask {asking}, such as 'curl' or 'nc'")


WORKS_ALONE = "it takes its work from elsewhere and listens on no port: look up what tells that it works"


def listens_nowhere(facts: Facts, service: Service) -> bool:
    """Return whether a service runs what only takes its work from elsewhere, as the workers of a queue do."""
    return works_alone(_command(facts, service))


def works_alone(command: str) -> bool:
    """Return whether a command runs a worker, and no server beside it."""
    return re.search(_WORKERS, command) is not None and re.search(_SERVERS, command) is None


def _command(facts: Facts, service: Service) -> str:
    """Return what a service runs, as one line: the script of the project that it calls stands behind it."""
    from composecheck.facts.commands import started
    from composecheck.facts.commands.calls import scripts_among

    words, _ = started(facts, service)
    scripts = scripts_among(words, facts.files(service))
    return " ".join([*words, *(re.sub(r"(?m)^\s*#.*", "", text) for text in scripts)])


def _ports(
    facts: Facts, service: Service, built: Built | None, family: Family | None, command: str
) -> Iterator[int]:
    """Yield the TCP ports that a service seems to listen on, the likeliest first.

    Those that its image names are that image's own command's; another has to name them too, or to be a
    server that is known to take them.
    """
    yield from open_ports(service)
    given = service.command is not None or service.entrypoint is not None
    server = not given or re.search(_SERVERS, command) is not None
    for number in _named(service, built, family):
        if server or re.search(rf"(?<![\d.]){number}(?!\d)", command):
            yield number
    if service.name in facts.called_at:
        yield facts.called_at[service.name]


def _named(service: Service, built: Built | None, family: Family | None) -> Iterator[int]:
    """Yield the TCP ports that speak of a service's image more than of its command."""
    for entry in exposed(service):
        if entry.ports and entry.protocol == "tcp":
            yield entry.ports[0]
    told = service.environment.get("PORT") or ""
    if re.fullmatch(_NUMBER, told):
        yield int(told)
    for ports in built.ports if built is not None else ():
        yield ports[0]
    yield from family.ports if family is not None else ()


def _installed(built: Built | None) -> Iterator[str]:
    """Yield the commands that a Dockerfile installs by the packages of their names."""
    for instruction in built.instructions if built is not None else ():
        if instruction.keyword == "RUN":
            for packages in re.findall(_INSTALLS, instruction.text):
                for package in packages.split():
                    if package in _PACKAGES:
                        yield _PACKAGES[package]
