"""What is no setting, or makes no sense, is refused in words that help."""

from pathlib import Path

import pytest

from tests.settings.writing import put, refused
from tidemill.settings import CONFIG, load


class TestRefusing:
    @pytest.mark.parametrize(
        ("variable", "value", "expected"),
        [
            ("TIDEMILL_WORKER_CONCURRENCY", "many", "a whole number from 1"),
            ("TIDEMILL_WORKER_CONCURRENCY", "0", "a whole number from 1"),
            ("TIDEMILL_WORKER_CONCURRENCY", "1.5", "a whole number from 1"),
            ("TIDEMILL_PAYLOAD_LIMIT", "9999999", "from 1 to 1,048,576"),
            ("TIDEMILL_WORKER_GRACE", "30", "a time with its unit"),
            ("TIDEMILL_KEEP_FAILED", "-1d", "a time with its unit"),
            ("TIDEMILL_WORKER_QUEUES", "mail,,slow", "names of queues"),
            ("TIDEMILL_TENANT", "a/b", "letters, digits"),
            ("TIDEMILL_APP", "shop", "shop.jobs:app"),
            ("TIDEMILL_URL", "mysql://x", "sqlite://"),
            ("TIDEMILL_URL", "sqlite://", "sqlite://"),
        ],
    )
    def test_a_wrong_value_says_which_where_and_what_was_expected(
        self, tmp_path: Path, variable: str, value: str, expected: str
    ) -> None:
        error = refused({variable: value}, tmp_path)
        assert error.message.startswith(f"{variable} sets ")
        assert repr(value) in error.message
        assert expected in error.hint

    @pytest.mark.parametrize(
        ("text", "name", "said"),
        [
            ("[worker]\nconcurrency = true", "worker.concurrency", "True"),
            ('[worker]\nconcurrency = "many"', "worker.concurrency", "'many'"),
            ("[worker]\nqueues = []", "worker.queues", "[]"),
            ("[worker]\nqueues = [1]", "worker.queues", "[1]"),
            ("[worker]\ngrace = 30", "worker.grace", "30"),
            ("url = 7", "url", "7"),
        ],
    )
    def test_a_wrong_value_in_a_file_names_the_file(
        self, project: Path, text: str, name: str, said: str
    ) -> None:
        file = put(project, text)
        assert refused({}, project).message == f"{file} sets {name} to {said}"

    @pytest.mark.parametrize(
        ("text", "name", "near"),
        [
            ("[worker]\nconcurency = 5", "worker.concurency", "worker.concurrency"),
            ("[workers]\nlease = '1m'", "workers.lease", "worker.lease"),
            ("ulr = 'memory://'", "ulr", "url"),
            ("worker = 5", "worker", ""),
            ("colour = 5", "colour", ""),
        ],
    )
    def test_an_unknown_setting_is_named_with_a_near_one(
        self, project: Path, text: str, name: str, near: str
    ) -> None:
        file = put(project, text)
        error = refused({}, project)
        assert error.message == f"{file} sets {name}, which is no setting"
        assert (f"is {near} meant?" in error.hint) == bool(near)
        assert "tidemill settings" in error.hint

    def test_an_unknown_variable_is_named_with_a_near_one(self, tmp_path: Path) -> None:
        error = refused({"TIDEMILL_WORKER_LEASES": "1m"}, tmp_path)
        assert "TIDEMILL_WORKER_LEASES" in error.message
        assert "is TIDEMILL_WORKER_LEASE meant?" in error.hint

    @pytest.mark.parametrize(
        "variable",
        [
            "TIDEMILL_FAILPOINTS",
            "TIDEMILL_CREW",
            "TIDEMILL_SERVICE_HOST",
            "TIDEMILL_PORT",
            "TIDEMILL_PORT_8000_TCP_ADDR",
            "TIDEMILL_WEB_SERVICE_PORT_HTTP",
            "PATH",
        ],
    )
    def test_other_variables_are_left_alone(self, tmp_path: Path, variable: str) -> None:
        assert load({variable: "x"}, tmp_path).origin("url") == ""

    def test_a_file_that_is_not_there_or_no_toml_is_told(self, project: Path) -> None:
        assert "cannot be read: No such file" in refused({CONFIG: "/nowhere.toml"}, project).message
        file = put(project, "url = ")
        assert refused({}, project).message.startswith(f"{file} is not written in TOML")
        file.write_bytes(b"\xff\xfe")
        assert refused({}, project).message.startswith(f"{file} is not written in TOML")

    def test_a_password_is_never_shown(self, tmp_path: Path) -> None:
        error = refused({"TIDEMILL_URL": "mysql://ada:se@cret@db/x"}, tmp_path)
        assert "cret" not in str(error)
        assert "ada:***@db" in str(error)
