"""A manifest becomes a module; what is wrong with one is told with its file and its key."""

import json
import logging
import textwrap
from pathlib import Path
from typing import Any

import pytest

from tidemill import Tidemill, errors
from tidemill.core.state import State
from tidemill.modules.loading import read_module
from tidemill.modules.manifest import read_manifest
from tidemill.testing import in_memory

WHOLE: dict[str, Any] = {
    "name": "page-scraper",
    "version": "1.0.0",
    "description": "Reads pages.",
    "capabilities": {"jobs": True},
    "jobs": [
        {
            "name": "scrape",
            "handler": "handlers.py:scrape",
            "description": "Read one page.",
            "schedule": "*/15 * * * *",
            "tz": "Australia/Sydney",
            "timeout": 600_000,
            "retries": 3,
            "queue": "browsers",
        },
        {"name": "thank", "handler": "more/handlers.py:thank", "on": "page.read"},
        {"name": "plain", "handler": "json:dumps", "schedule": None, "retries": 0},
    ],
    "permissions": {
        "queues": ["browsers"],
        "events": {"emit": ["page.*"], "hear": ["page.read"]},
        "services": ["browser"],
    },
    "quotas": {"per_hour": 100},
    "settings": {"agent": "tidemill"},
}

TOML = """
name = "page-scraper"
version = "1.0.0"

[[jobs]]
name = "scrape"
handler = "handlers.py:scrape"
schedule = "*/15 * * * *"
timeout = "10m"
retries = 3

[quotas]
rate = "10/1m"

[settings]
agent = "tidemill"
"""

CODE = """
from tidemill import current

def scrape(url: str = "") -> str:
    return current().settings["agent"] + url

async def thank(event):
    return event.payload

class Scraper:
    def __call__(self) -> None: ...

scraper = Scraper()

class KeyRefused(Exception): ...

def refuse(times: int) -> None:
    raise KeyRefused if times else ZeroDivisionError

def odd(what: "Nowhere") -> None: ...
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with handlers and no manifest."""
    folder = tmp_path / "scraper"
    (folder / "more").mkdir(parents=True)
    for place in (folder, folder / "more"):
        (place / "handlers.py").write_text(CODE)
    (tmp_path / "outside.py").write_text(CODE)
    return folder


def written(folder: Path, manifest: object) -> Path:
    file = folder / "module.json"
    file.write_text(json.dumps(manifest))
    return file


def with_job(**job: Any) -> dict[str, Any]:
    """A manifest of one job."""
    entry = {"name": "scrape", "handler": "handlers.py:scrape", **job}
    return {"name": "scraper", "version": "1", "jobs": [entry]}


def test_a_manifest_in_json_becomes_a_module_as_one_in_code_is(folder: Path) -> None:
    written(folder, WHOLE)
    module = read_module(folder)
    assert (module.name, module.version, module.description) == (
        "page-scraper",
        "1.0.0",
        "Reads pages.",
    )
    scrape = module.tasks["page-scraper.scrape"]
    assert (scrape.options.timeout, scrape.options.retry.attempts) == (600_000, 4)
    assert (scrape.options.queue, scrape.__doc__) == ("browsers", "Read one page.")
    assert module.tasks["page-scraper.plain"].options.retry.attempts == 1
    assert module.tasks["page-scraper.thank"].options.retry.attempts == 3
    assert module.handlers == {"page-scraper.thank": "page.read"}
    assert module.schedules["page-scraper.scrape"].options == {
        "pattern": "*/15 * * * *",
        "tz": "Australia/Sydney",
    }
    assert list(module.schedules) == ["page-scraper.scrape"]
    assert (module.services, module.quotas.per_hour) == (("browser",), 100)


def test_a_manifest_in_toml_says_times_in_words(folder: Path) -> None:
    (folder / "module.toml").write_text(TOML)
    module = read_module(folder)
    scrape = module.tasks["page-scraper.scrape"]
    assert (scrape.options.timeout, scrape.options.retry.attempts) == (600_000, 4)
    assert module.quotas.rate == "10/1m"


def test_jobs_of_a_manifest_run(folder: Path) -> None:
    written(folder, WHOLE)
    app = Tidemill("memory://")
    app.include(folder, settings={"agent": "mine "})
    with in_memory(app) as mill:
        job = app.enqueue("page-scraper.scrape", {"url": "https://example.org"})
        app.events.emit("page.read", {"size": 5})
        mill.drain()
        assert job.result(timeout=0) == "mine https://example.org"
        thanks = mill.assert_enqueued("page-scraper.thank")
        mill.advance("1m")  # as its hourly quota has it
        mill.assert_state(thanks, State.COMPLETED)
        assert thanks.result(timeout=0) == {"size": 5}


def test_who_reads_retries_says_how_many_attempts_they_mean(
    folder: Path, caplog: pytest.LogCaptureFixture
) -> None:
    file = written(folder, with_job(retries=3))
    with caplog.at_level(logging.INFO, "tidemill.modules"):
        read_manifest(file)
    assert f"{file}: jobs[0].retries = 3 means 4 attempts, the first one included" in caplog.text


@pytest.mark.parametrize("times", [0, 1])
def test_there_is_no_other_attempt_after_what_a_manifest_gives_up_on(
    folder: Path, times: int
) -> None:
    given_up = ["handlers.py:KeyRefused", "ArithmeticError"]
    written(folder, with_job(handler="handlers.py:refuse", give_up_on=given_up, retries=3))
    app = Tidemill("memory://")
    app.include(folder)
    with in_memory(app) as mill:
        job = app.enqueue("scraper.scrape", {"times": times})
        mill.drain()
        mill.assert_state(job, State.FAILED)
        assert (job.snapshot().attempt, job.snapshot().reason) == (1, "not_retryable")


def test_what_is_not_permitted_in_a_manifest_is_not_included(folder: Path) -> None:
    file = written(folder, with_job(queue="browsers"))
    with pytest.raises(errors.NotPermitted, match=r"permissions\.queues of .*module\.json"):
        Tidemill("memory://").include(file)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": None}, "name is missing"),
        ({"name": ""}, "name is empty"),
        ({"name": 7}, "name holds 7"),
        ({"name": "a b"}, "name cannot be"),
        ({"name": "tidemill"}, "name cannot be"),
        ({"version": 1}, "version holds 1"),
        ({"author": "zoe"}, "author is not known"),
        ({"capabilities": {"jobs": False}}, "capabilities.jobs is false"),
        ({"capabilities": {"panels": True}}, "capabilities.panels is not known"),
        ({"capabilities": []}, "capabilities holds []"),
        ({"jobs": {}}, "jobs holds {}"),
        ({"jobs": [7]}, "jobs[0] holds 7"),
        ({"permissions": {"queues": "mail"}}, "permissions.queues holds 'mail'"),
        ({"permissions": {"queues": [7]}}, "permissions.queues[0] holds 7"),
        ({"permissions": {"queues": ["a b"]}}, "permissions.queues[0] cannot be"),
        ({"permissions": {"events": {"emit": ["a b"]}}}, "permissions.events.emit[0] cannot be"),
        ({"permissions": {"events": {"say": []}}}, "permissions.events.say is not known"),
        ({"permissions": {"files": []}}, "permissions.files is not known"),
        ({"quotas": {"concurrency": -1}}, "quotas.concurrency holds -1"),
        ({"settings": 7}, "settings holds 7"),
    ],
)
def test_what_is_wrong_at_the_top_is_told_with_file_and_key(
    folder: Path, change: dict[str, Any], said: str
) -> None:
    refused(written(folder, {**WHOLE, **change}), said)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"name": None}, "jobs[0].name is missing"),
        ({"name": "a b"}, "jobs[0].name cannot be"),
        ({"handler": None}, "jobs[0].handler is missing"),
        ({"handler": "handlers"}, "jobs[0].handler holds 'handlers'"),
        ({"handler": "handlers.py:"}, "jobs[0].handler holds"),
        ({"handler": "handlers.py:nobody"}, "which handlers.py has not (it has scrape, thank"),
        ({"handler": "handlers.py:scraper"}, "which is no plain function"),
        ({"handler": "handlers.py:odd"}, "jobs[0].handler cannot be"),
        ({"handler": "absent.py:scrape"}, "names absent.py, which is not there"),
        ({"handler": "broken.py:scrape"}, "names broken.py, which raised SyntaxError"),
        ({"handler": "quits.py:scrape"}, "names quits.py, which raised SystemExit"),
        ({"handler": "needy.py:scrape"}, "needy.py: No module named 'nowhere_at_all'"),
        ({"handler": "nowhere.at.all:scrape"}, "No module named 'nowhere'"),
        ({"handler": "../outside.py:scrape"}, "leaves the folder of the module"),
        ({"handler": "more/../../outside.py:scrape"}, "leaves the folder of the module"),
        ({"handler": "linked.py:scrape"}, "leaves the folder of the module"),
        ({"handler": "/etc/passwd.py:scrape"}, "leaves the folder of the module"),
        ({"schedule": "every day"}, "jobs[0].schedule cannot be"),
        ({"schedule": 5}, "jobs[0].schedule holds 5"),
        ({"tz": "Australia/Sydney"}, "jobs[0].tz says nothing without a schedule"),
        ({"schedule": "0 2 * * *", "tz": "Mars"}, "jobs[0].schedule cannot be"),
        ({"timeout": "10m"}, "jobs[0].timeout holds '10m'"),
        ({"timeout": 0}, "jobs[0].timeout holds 0"),
        ({"timeout": 10**17}, "jobs[0].timeout cannot be"),
        ({"retries": -1}, "jobs[0].retries holds -1"),
        ({"retries": 1.5}, "jobs[0].retries holds 1.5"),
        ({"retries": 1_000}, "jobs[0].retries holds 1000"),
        ({"give_up_on": "ValueError"}, "jobs[0].give_up_on holds 'ValueError'"),
        ({"give_up_on": ["print"]}, "jobs[0].give_up_on names 'print', which is no exception"),
        ({"give_up_on": ["KeyboardInterrupt"]}, "which is no exception"),
        ({"give_up_on": ["handlers.py:scrape"]}, "which is no exception"),
        ({"give_up_on": ["handlers.py:nobody"]}, "which handlers.py has not"),
        ({"on": "a b"}, "jobs[0].on cannot be"),
        ({"on": "page.read"}, "jobs[0].handler cannot be: scraper.scrape cannot handle events"),
        ({"queue": "a b"}, "jobs[0].queue cannot be"),
        ({"enabled": True}, "jobs[0].enabled is not known"),
    ],
)
def test_what_is_wrong_with_a_job_is_told_with_file_and_key(
    folder: Path, change: dict[str, Any], said: str
) -> None:
    (folder / "broken.py").write_text("def scrape(:")
    (folder / "quits.py").write_text("raise SystemExit(3)")
    (folder / "needy.py").write_text("import nowhere_at_all")
    (folder / "linked.py").symlink_to(folder.parent / "outside.py")
    refused(written(folder, with_job(**change)), said)


def test_two_jobs_of_one_name_are_told(folder: Path) -> None:
    job = {"name": "scrape", "handler": "handlers.py:scrape"}
    manifest = {"name": "scraper", "version": "1", "jobs": [job, {**job, "name": "scraper.scrape"}]}
    refused(written(folder, manifest), "jobs[1].name is that of jobs[0], too")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("module.json", "{", "is not written in JSON"),
        ("module.json", "[1]", "it holds [1]"),
        ("module.json", "[" * 100_000, "is not written in JSON"),
        ("module.toml", "name = ", "is not written in TOML"),
        ("module.toml", "name = 'a'\nversion = '1'\nextra = 1", "extra is not known"),
        ("module.toml", TOML.replace('"10m"', "600000"), "timeout holds 600000 (write it in words"),
        ("module.toml", TOML.replace('"10m"', '"soon"'), "timeout cannot be: duration 'soon'"),
    ],
)
def test_a_file_that_cannot_be_read_is_told(folder: Path, name: str, text: str, said: str) -> None:
    file = folder / name
    file.write_text(textwrap.dedent(text))
    refused(file, said)


def test_a_folder_has_one_manifest(folder: Path) -> None:
    with pytest.raises(errors.InvalidManifest, match=r"no module\.json and no module\.toml"):
        read_module(folder)
    written(folder, WHOLE)
    (folder / "module.toml").write_text(TOML)
    with pytest.raises(errors.InvalidManifest, match=r"both module\.json and module\.toml"):
        read_module(folder)
    with pytest.raises(errors.InvalidManifest, match="cannot be read"):
        read_module(folder / "absent.json")


def refused(file: Path, said: str) -> None:
    """Make sure that a manifest is refused, in words that name the file and what is wrong."""
    with pytest.raises(errors.InvalidManifest) as error:
        read_module(file)
    assert said in str(error.value)
    assert str(error.value).startswith(str(file))


def test_payloads_of_events_are_what_a_manifest_says(folder: Path) -> None:
    code = (folder / "handlers.py").read_text()
    (folder / "handlers.py").write_text(
        f"{code}\nfrom msgspec import Struct\nclass Read(Struct):\n    url: str\n"
    )
    app = Tidemill("memory://")
    app.include(written(folder, WHOLE | {"events": {"page.read": "handlers.py:Read"}}))
    with app:
        app.events.emit("page.read", {"url": "https://example.org"})
        with pytest.raises(errors.InvalidArguments, match=r"missing required field `url`"):
            app.events.emit("page.read", {})


@pytest.mark.parametrize(
    ("events", "said"),
    [
        ({"page.read": "handlers.py:Nobody"}, "events.page.read names 'Nobody'"),
        ({"page..read": "handlers.py:Scraper"}, "events.page..read cannot be"),
        ({"page.read": 7}, "events.page.read holds 7"),
        ({"page.read": "handlers.py:scrape"}, "events.page.read cannot be"),
    ],
)
def test_what_is_wrong_with_events_is_told_with_file_and_key(
    folder: Path, events: dict[str, Any], said: str
) -> None:
    refused(written(folder, WHOLE | {"events": events}), said)
