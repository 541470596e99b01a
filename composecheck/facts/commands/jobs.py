"""Whether a service is a job, which ends by itself, or a server, which never does.

Both are said only where the command, or what is known of the image, leaves no doubt.
"""

from __future__ import annotations

import re

from composecheck.facts.commands.calls import called, inner
from composecheck.facts.commands.shells import is_wrapper
from composecheck.facts.restart import restart_policy
from composecheck.named import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from composecheck.facts import Facts
    from composecheck.facts.commands.files import Files
    from composecheck.model.project import Service

# Commands that do one thing and end, whatever their arguments.
_ENDING = frozenset(
    """(( [ [[ : alembic atlas break cat cd chgrp chmod chown continue cp createdb curl date dbmate declare
    dropdb echo exit export let local return shift trap false flyway for goose install liquibase ln ls
    mariadb-dump mkdir mongodump mongoimport mongorestore mv mysqldump pg_dump pg_isready pg_restore
    printf psql read rm sed set sleep sqlx tar test touch true unset wget mysqladmin mariadb-admin
    getent apk apt-get grep sort tail wc id whoami""".split()  # noqa: SIM905 - words
)
# Commands that do one thing and end with these arguments: a word and what may come right after it.
_TASKS = (
    r"(?:^|[\s/])(?:"
    r"manage\.py\s+(?:migrate|collectstatic|loaddata|createsuperuser|makemigrations|createcachetable|check|test)"
    r"|(?:rails|rake|sequelize|sequelize-cli)\s+db:[\w:]+"
    r"|flask\s+db\s+(?:upgrade|init|migrate)"
    r"|prisma\s+(?:migrate\s+(?:deploy|reset)|db\s+(?:push|seed)|generate)"
    r"|knex\s+(?:migrate|seed):\w+"
    r"|typeorm\s+(?:migration:run|schema:sync)"
    r"|artisan\s+(?:migrate|db:seed|key:generate|optimize|storage:link)\S*"
    r"|doctrine:migrations:migrate|ecto\.(?:migrate|setup|create)"
    r"|(?:npm|yarn|pnpm)\s+(?:run\s+)?(?:migrate|migrations?|seed|build|install|ci|db:(?:migrate|seed|setup))"
    r"|kafka-topics(?:\.sh)?\s+.*--(?:create|list|describe|alter|delete)"
    r"|mc\s+(?:alias|mb|config|policy|anonymous|cp|mirror|admin|ready|ilm|ls|event|version|tag|user)"
    r"|migrate\s+.*(?:-path|-source|-database)\s*.*\b(?:up|goto|down|force)\b"
    r"|(?:mysql|mariadb)\s+.*(?:-e\b|-h\b|--execute|--host)|mongosh?\s+.*(?:--eval|\.js\b)"
    r"|vault\s+(?:kv|write|policy|secrets|auth)|bundle\s+install|composer\s+install|pip\s+install"
    r"|nats\s+(?:stream|kv)\s+add|terraform\s+(?:apply|init)|dotnet\s+ef\s+database\s+update"
    r")(?=\s|$|;|&)"
)
# One of these is in each of them; without any there is nothing to look for.
_IN_TASKS = tuple(
    """manage.py rails rake sequelize flask prisma knex typeorm artisan doctrine: ecto. npm yarn
    pnpm kafka-topics mc migrate mysql mariadb mongo vault install nats terraform dotnet""".split()  # noqa: SIM905 - words
)
# Wrappers that end where nothing stands behind `--`; of others it is not known what they take for a command.
_ONLY_WAIT = ("wait-for-it", "wait-for-it.sh", "wait-for", "wait-for.sh", "wait4x", "wait-on")
# Programs that serve until they are stopped, unless they are only asked what they are.
SERVING = frozenset(
    """apache2-foreground daphne etcd gunicorn haproxy httpd-foreground hypercorn mariadbd memcached
    mongod mosquitto mysqld nats-server postgres prometheus rabbitmq-server redis-server uvicorn uwsgi
    valkey-server waitress-serve""".split()  # noqa: SIM905 - words
)
_ASKED = frozenset(("--version", "--help", "-h", "-v", "-V", "version", "help", "-c", "-C", "--check-config"))
_DEEPEST = 4
_MEANINGLESS = ("exec", "time", "then", "do", "else", "elif", "if", "!", "command", "sudo")
_FOREVER = ("infinity", "inf")
_OPERATORS = frozenset(("&&", "||", "|", ";", "&", ">", ">>", "<"))


def ends(service: Service, image: bool | None = None, files: Files | None = None) -> bool | None:
    """Return whether a service's container ends by itself, None where that is not sure.

    `image` is whether its image's own command does, and `files` are those of the project in the container.
    The restart policy is not asked.
    """
    entrypoint, command = service.entrypoint or (), service.command or ()
    if not (*entrypoint, *command):
        # An entrypoint that is cleared leaves a command that is not in the file.
        return image if service.entrypoint is None else None
    words = (*entrypoint, *command)
    if words[0].rpartition("/")[2] == "sleep":
        # What sleeps for a while stands for a server in many a test.
        return _told(words, files) and None
    told = _told(words, files)
    if told is True and _is_cut(service):
        return None  # what its author meant to be run is more than that
    if told is None and not entrypoint and image is not None:
        # Options alone go to the image's own program, and so does what a tool is called with.
        return image if image or command[0].startswith("-") else None
    return told


def _is_cut(service: Service) -> bool:
    from composecheck.facts.commands.cut import is_cut

    return is_cut(service)


def command_ends(words: Sequence[str], files: Files | None = None) -> bool | None:
    """Return whether a command ends by itself, wherever it is written; None where that is not sure."""
    return _told(words, files)


def is_job(service: Service, image: bool | None = None, files: Files | None = None) -> bool:
    """Return whether a service surely does one thing and ends, and is not started again then."""
    return (
        service.healthcheck is None
        and service.readiness is None
        and not restart_policy(service).after_success
        and ends(service, image, files) is True
    )


def _told(words: Sequence[str], files: Files | None, depth: int = 0) -> bool | None:
    ran = inner(words).words
    if not ran or depth > _DEEPEST or is_wrapper(ran[0]):
        return _command(ran, files, depth)
    call = called(ran, files)
    if call is None:
        # What only a shell reads is to no program what its author meant.
        odd = any(word in _OPERATORS or word.endswith(";") for word in ran)
        return None if odd else _command(ran, files, depth)
    from composecheck.facts.commands.endings import script_ends

    return script_ends(call.script, call.arguments, lambda command: _command(command, files, depth + 1))


def _command(words: Sequence[str], files: Files | None, depth: int) -> bool | None:
    """Return whether one command ends, None where that is not sure."""
    words = [*words]
    while words and (words[0] in _MEANINGLESS or _is_assignment(words[0])):
        del words[0]
    program = words[0].rpartition("/")[2] if words else ":"
    if words and is_wrapper(words[0]):
        if "--" in words:
            return _told(words[words.index("--") + 1 :], files, depth + 1)
        return True if program in _ONLY_WAIT else None
    if _goes_on(program, words[1:]):
        return False
    if depth <= _DEEPEST and words and called(words, files) is not None:
        return _told(words, files, depth + 1)
    return True if program in _ENDING or _is_task(" ".join(words)) else None


def _is_task(line: str) -> bool:
    return any(word in line for word in _IN_TASKS) and re.search(_TASKS, line) is not None


def _goes_on(program: str, arguments: Sequence[str]) -> bool:
    """Return whether a program surely never ends by itself."""
    if program == "sleep":
        return any(word in _FOREVER for word in arguments)
    if program == "tail":
        return any(word.startswith("-") and word.strip("-")[-1:].lower() == "f" for word in arguments)
    return program in SERVING and _ASKED.isdisjoint(arguments)


def _is_assignment(word: str) -> bool:
    name, equals, _ = word.partition("=")
    return bool(equals) and name.isidentifier()


# What is there already when a container makes it once more, and what lets a command pass over that.
_MAKES = r"(?i)\b(?:create\w*|mb|mkdir|initiate|init|add|seed|loaddata|import)\b"
_ALLOWS = r"if.not.exists|existing|\s-p\b|\|\|\s*(?:true|:|echo)|exit 0|upsert"


def may_fail_again(facts: Facts, service: Service) -> bool:
    """Return whether a job makes something of which a second run may say that it is there already."""
    text = " ".join(_texts(facts, service))
    return re.search(_MAKES, text) is not None and re.search(_ALLOWS, text, re.IGNORECASE) is None


_FAILS = r"\bexit\s+[1-9$]|\bfalse\b|\bgrep\b|\btest\b|\[\s|\bset\s+-\w*e"


def may_fail(facts: Facts, service: Service) -> bool:
    """Return whether a job's command, or a script that it runs, says itself that it may fail."""
    return any(re.search(_FAILS, text) is not None for text in _texts(facts, service))


def _texts(facts: Facts, service: Service) -> Iterator[str]:
    """Yield the words of what a service runs, and the scripts of the project among them."""
    from composecheck.facts.commands import started
    from composecheck.facts.commands.calls import scripts_among

    words, _ = started(facts, service)
    yield from words
    yield from scripts_among(words, facts.files(service))
