"""What compose.yaml names is there, and fits together; no container is started."""

import re
import shlex
import sys
from typing import Any, Final
from urllib.parse import urlsplit

import psycopg
import pytest
import yaml

from tests.docs.test_commands import find
from tests.house.source import ROOT
from tests.servers import postgres
from tidemill import Tidemill
from tidemill.core.instants import millis
from tidemill.engines import open_engine
from tidemill.tasks.discovery import load

TEXT: Final = (ROOT / "compose.yaml").read_text(encoding="utf-8")
COMPOSED: Final = yaml.safe_load(re.sub(r"\$\{\w+:-(\w+)\}", r"\1", TEXT))
POSTGRES: Final[dict[str, Any]] = COMPOSED["services"]["postgres"]
WORKER: Final[dict[str, Any]] = COMPOSED["services"]["worker"]


def copied() -> list[tuple[str, str]]:
    """What is copied into the image of the worker, and where to."""
    recipe = WORKER["build"]["dockerfile_inline"]
    copies = re.findall(r"^COPY (.+) (\S+)$", recipe, re.MULTILINE)
    return [(name, target) for names, target in copies for name in names.split()]


def test_the_url_names_the_server_that_is_started() -> None:
    url = WORKER["environment"]["TIDEMILL_URL"]
    assert open_engine(url).traits.name == "postgres"
    parts, made = urlsplit(url), POSTGRES["environment"]
    assert parts.hostname in COMPOSED["services"]
    assert parts.username == made["POSTGRES_USER"]
    assert parts.password is None
    assert WORKER["environment"]["PGPASSWORD"] == made["POSTGRES_PASSWORD"]
    assert parts.path == f"/{made['POSTGRES_DB']}"
    asked = " ".join(POSTGRES["healthcheck"]["test"])
    assert "--host=127.0.0.1" in asked
    assert f"--username={parts.username}" in asked
    assert f"--dbname={made['POSTGRES_DB']}" in asked


def test_the_server_starts_with_its_settings() -> None:
    options = POSTGRES["command"][1:]
    assert set(options[::2]) == {"-c"}
    settings = dict(option.split("=") for option in options[1::2])
    with postgres(**settings) as server, psycopg.connect(server.url) as connection:
        taken = connection.execute(
            "SELECT name FROM pg_settings WHERE source = 'command line' AND name = ANY (%s)",
            (list(settings),),
        )
        assert {name for (name,) in taken} == set(settings)


def test_what_is_copied_is_there_and_is_the_application(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert all((ROOT / name).exists() for name, _ in copied())
    assert "\nWORKDIR /app\n" in WORKER["build"]["dockerfile_inline"]
    (folder,) = [ROOT / name for name, target in copied() if target == "/app"]
    monkeypatch.syspath_prepend(str(folder))
    monkeypatch.delitem(sys.modules, "app", raising=False)
    command = WORKER["command"]
    app = load(command[command.index("--app") + 1], Tidemill)
    assert [task.name for task in app.registry] == ["app.greet"]
    monkeypatch.delitem(sys.modules, "app", raising=False)


def test_its_commands_can_be_read() -> None:
    kind, asked = WORKER["healthcheck"]["test"]
    assert kind == "CMD-SHELL"
    for words in (WORKER["command"], shlex.split(asked.partition("|")[0])):
        assert words[0] == "tidemill"
        command, rest = find(words[1:])
        command.make_context(command.name, rest).close()


def test_what_it_refers_to_is_there_and_a_stop_leaves_time() -> None:
    assert set(WORKER["depends_on"]) <= set(COMPOSED["services"])
    assert {volume.partition(":")[0] for volume in POSTGRES["volumes"]} == set(COMPOSED["volumes"])
    grace = WORKER["command"][WORKER["command"].index("--grace") + 1]
    assert millis(grace) < millis(WORKER["stop_grace_period"])
