"""How a program that is built here asks for a server as it starts, by its libraries and its text."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from composecheck.facts import Facts
from composecheck.lint import load
from composecheck.text.disk import Disk

IMAGES = {
    "postgres": "postgres:16",
    "mysql": "mysql:8.4",
    "mongo": "mongo:7",
    "redis": "redis:7",
    "rabbitmq": "rabbitmq:4",
    "kafka": "apache/kafka:3.9.0",
    "mssql": "mcr.microsoft.com/mssql/server:2022-latest",
    "azurite": "mcr.microsoft.com/azure-storage/azurite:3.33.0",
    "zookeeper": "zookeeper:3.9",
    "elasticsearch": "elasticsearch:8.17.0",
}
FLASK = {"requirements.txt": "flask\npsycopg2-binary==2.9\n"}
FASTAPI = {"requirements.txt": "fastapi\nsqlalchemy>=2\nasyncpg\n"}
BOOT = "<project><artifactId>spring-boot-starter-web</artifactId><artifactId>{}</artifactId></project>"
CASES = sorted((Path(__file__).parent / "programs").glob("*/*.txt"))


def make(folder, image, *files, command="run", build=".", dockerfile="FROM a:1\nWORKDIR /app\nCOPY . .\n"):
    """Write a project of a program and the server that it depends on; return its facts."""
    for path, text in {"Dockerfile": dockerfile, **{k: v for each in files for k, v in each.items()}}.items():
        file = folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)
    (folder / "compose.yml").write_text(
        f"services:\n  app: {{build: {build}, command: {command!r}, depends_on: [server]}}\n"
        f"  server: {{image: '{IMAGES[image]}'}}\n".replace("'run'", "run")
    )
    return Facts(load(folder / "compose.yml", environment={}))


def asked(facts):
    return facts.asking.asked(facts.services["app"], facts.services["server"])


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.parent.name}: {case.stem}")
def test_a_program_asks_so(tmp_path, case):
    """A case says the server and the command, and holds the program's files; its folder says how it asks."""
    head, *parts = re.split(r"^=== (\S+)\n", case.read_text(), flags=re.MULTILINE)
    given = dict(re.findall(r"^(\w+): (.+)$", head, re.MULTILINE))
    files = dict(zip(parts[::2], parts[1::2], strict=True))
    command = given.get("command", "run").replace("'", '"')
    found = asked(make(tmp_path, given["server"], files, command=command))
    assert (found.asks if found else "unknown") == case.parent.name, found


def test_the_line_that_asks_is_shown_without_its_text(tmp_path):
    found = asked(
        make(tmp_path, "postgres", FLASK, {"src/app.py": "import psycopg2\nc = psycopg2.connect(p)\n"})
    )
    assert found.place.source.withheld
    assert (found.place.source.shown.rpartition("/")[2], found.place.line) == ("app.py", 2)


def test_a_job_that_would_ask_on_demand_asks_at_once(tmp_path):
    facts = make(
        tmp_path, "postgres", FASTAPI, {"x.py": "import sqlalchemy\n"}, command="flask init-db && true"
    )
    assert asked(facts).asks == "once"


def test_a_program_of_another_folder_is_not_this_one(tmp_path):
    other = {"other/worker.py": "import psycopg2\nconn = psycopg2.connect(dsn)\n"}
    dockerfile = "FROM a:1\nCOPY requirements.txt .\nCOPY app/ app/\n"
    facts = make(tmp_path, "postgres", FLASK, other, {"app/app.py": "import flask\n"}, dockerfile=dockerfile)
    assert asked(facts) is None


def test_a_command_of_go_is_told_from_those_beside_it(tmp_path):
    imports = 'import "github.com/rabbitmq/amqp091-go"'
    dial = f"package main\n\n{imports}\n\nfunc main() {{\n\tc, err := amqp.Dial(url)\n}}\n"
    files = {
        "go.mod": "require github.com/rabbitmq/amqp091-go v1.9.0\n",
        "cmd/api/main.go": "package main\n\nfunc main() {}\n",
        "cmd/worker/main.go": dial,
    }
    for name, asks in (("worker", "once"), ("api", "never")):
        dockerfile = f"FROM golang:1.22\nCOPY . .\nRUN CGO_ENABLED=0 go build -o /bin/x ./cmd/{name}\n"
        assert asked(make(tmp_path, "rabbitmq", files, dockerfile=dockerfile)).asks == asks


def test_a_project_of_dotnet_is_told_from_those_beside_it(tmp_path):
    reference = '<ProjectReference Include="..\\Data\\Data.csproj" />'
    files = {
        "Data/Data.csproj": '<PackageReference Include="Microsoft.EntityFrameworkCore" />',
        "Data/Db.cs": "    public static void Up(this Db db)\n    {\n        db.Database.Migrate();\n    }\n",
        "Api/Api.csproj": f'<Project Sdk="Microsoft.NET.Sdk.Web">{reference}</Project>',
        "Api/Program.cs": "builder.Build().Run();\n",
        "Migrator/Migrator.csproj": reference,
        "Migrator/Program.cs": "db.Up();\n",
    }
    for name, asks in (("Api", "demand"), ("Migrator", "once")):
        dockerfile = f'FROM a:1\nCOPY . .\nENTRYPOINT ["dotnet", "{name}.dll"]\n'
        assert asked(make(tmp_path, "mssql", files, dockerfile=dockerfile)).asks == asks


def test_what_a_jar_is_made_of_lies_beside_it(tmp_path):
    files = {"pom.xml": BOOT.format("flyway-core"), "src/main/java/App.java": "class App {}\n"}
    facts = make(tmp_path, "mysql", files, dockerfile="FROM a:1\nCOPY target/app.jar /app.jar\n")
    assert asked(facts).asks == "once"


def test_a_package_may_be_installed_by_the_dockerfile_alone(tmp_path):
    source = {"app.py": "import redis\nr = redis.Redis()\n\n@app.route('/')\ndef index():\n    r.incr('x')\n"}
    dockerfile = "FROM python:3.12\nRUN pip install flask redis\nCOPY app.py .\n"
    assert asked(make(tmp_path, "redis", source, dockerfile=dockerfile)).asks == "demand"


def test_links_are_not_followed(tmp_path):
    project = tmp_path / "project"
    project.mkdir()
    (tmp_path / "secret.py").write_text("import psycopg2\nc = psycopg2.connect('x')\n")
    (project / "app.py").symlink_to(tmp_path / "secret.py")
    assert asked(make(project, "postgres", FLASK)) is None


def test_each_file_is_read_once_for_all_services(tmp_path, monkeypatch):
    read = []
    data = Disk.data
    monkeypatch.setattr(Disk, "data", lambda self, path, **k: read.append(str(path)) or data(self, path, **k))
    facts = make(tmp_path, "postgres", FLASK, {"app.py": "import psycopg2\n"})
    text = (tmp_path / "compose.yml").read_text()
    (tmp_path / "compose.yml").write_text(text + text.split("\n")[1].replace("app:", "more:") + "\n")
    facts = Facts(load(tmp_path / "compose.yml", environment={}))
    for name in ("app", "more", "app"):
        facts.asking.asked(facts.services[name], facts.services["server"])
    sources = [path for path in read if path.endswith((".py", ".txt"))]
    assert sorted(map(os.path.basename, sources)) == ["app.py", "requirements.txt"]


@pytest.mark.parametrize(("image", "asks"), [("team/app:1", "retries"), ("team/other:1", None)])
def test_who_runs_the_image_that_another_service_builds_runs_its_program(tmp_path, image, asks):
    facts = make(tmp_path, "kafka", {"pom.xml": "<artifactId>kafka-clients</artifactId>"})
    text = (tmp_path / "compose.yml").read_text()
    text = text.replace(
        "app: {", f"app: {{image: '{image}', depends_on: [server]}}\n  maker: {{image: 'team/app:1', "
    )
    (tmp_path / "compose.yml").write_text(text)
    facts = Facts(load(tmp_path / "compose.yml", environment={}))
    found = asked(facts)
    assert (found.asks if found else None) == asks
