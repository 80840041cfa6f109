"""What the page on production shows can be used: units, manifests, the image, the proxy."""

import re
import shlex
import shutil
import subprocess
import sys
from configparser import ConfigParser
from pathlib import Path
from typing import Any, Final

import pytest
import yaml

from tests.docs.pages import DOCS, blocks
from tests.docs.test_commands import find
from tidemill.core.instants import millis
from tidemill.settings import load
from tidemill.settings.known import ALL

PAGE: Final = DOCS / "howto" / "production.md"
UNITS: Final = [block.text for block in blocks(PAGE) if block.language == "ini"]
MANIFESTS: Final[list[dict[str, Any]]] = [
    manifest
    for block in blocks(PAGE)
    if block.language == "yaml"
    for manifest in yaml.safe_load_all(block.text)
]
DEPLOYMENTS: Final = {
    each["metadata"]["name"]: each for each in MANIFESTS if each["kind"] == "Deployment"
}
(RECIPE,) = [block.text for block in blocks(PAGE) if block.language == "dockerfile"]
(PROXY,) = [block.text for block in blocks(PAGE) if block.language == "nginx"]
VARIABLES: Final = {setting.variable for setting in ALL}


def can_be_called(words: list[str]) -> dict[str, Any]:
    """Make sure that `tidemill` understands these words; what it understands by them."""
    command, rest = find(words)
    with command.make_context(command.name, rest) as context:
        read: dict[str, Any] = context.params
    return read


def unit(text: str) -> ConfigParser:
    read = ConfigParser(strict=False, interpolation=None, delimiters=["="])
    read.optionxform = str  # type: ignore[assignment, method-assign]  # systemd minds capitals
    read.read_string(text)
    return read


def name_of(text: str) -> str:
    """What a unit is called: the first line says where it lies."""
    return text.splitlines()[0].rpartition("/")[2]


def container(deployment: dict[str, Any]) -> dict[str, Any]:
    (only,) = deployment["spec"]["template"]["spec"]["containers"]
    found: dict[str, Any] = only
    return found


class TestUnits:
    @pytest.mark.parametrize("text", UNITS, ids=name_of)
    def test_it_starts_what_there_is_and_gives_it_time_to_stop(self, text: str) -> None:
        service = unit(text)["Service"]
        program, *words = shlex.split(service["ExecStart"])
        assert Path(program).is_relative_to(service["WorkingDirectory"])
        read = can_be_called(words)
        if grace := read.get("grace"):
            assert millis(grace) < int(service["TimeoutStopSec"]) * 1_000
            assert service["KillMode"] == "mixed"
        assert service["User"] != "root"

    @pytest.mark.parametrize("text", UNITS, ids=name_of)
    def test_systemd_understands_it(self, text: str, tmp_path: Path) -> None:
        """Asked where there is one; what it says elsewhere is what its own manual has."""
        program = str(Path(sys.executable).with_name("tidemill"))
        here = re.sub(r"(?<=ExecStart=)\S+", program, text)
        file = tmp_path / name_of(text)
        file.write_text(here)
        asked = shutil.which("systemd-analyze")
        if asked:
            done = subprocess.run(
                [asked, "verify", str(file)], capture_output=True, text=True, check=False
            )
            assert file.name not in done.stderr, done.stderr
        assert set(unit(here)) == {"DEFAULT", "Unit", "Service", "Install"}


class TestManifests:
    def test_each_is_of_a_kind_that_there_is(self) -> None:
        assert {(each["apiVersion"], each["kind"]) for each in MANIFESTS} == {
            ("v1", "Secret"),
            ("apps/v1", "Deployment"),
            ("v1", "Service"),
            ("networking.k8s.io/v1", "Ingress"),
        }

    @pytest.mark.parametrize("name", DEPLOYMENTS)
    def test_a_deployment_finds_its_pods_and_what_they_need(self, name: str) -> None:
        spec = DEPLOYMENTS[name]["spec"]
        pod, runs = spec["template"]["spec"], container(DEPLOYMENTS[name])
        assert spec["selector"]["matchLabels"] == spec["template"]["metadata"]["labels"]
        secrets = {each["metadata"]["name"] for each in MANIFESTS if each["kind"] == "Secret"}
        assert {each["secretRef"]["name"] for each in runs["envFrom"]} <= secrets
        mounted = {each["name"] for each in runs["volumeMounts"]}
        assert mounted == {each["name"] for each in pod["volumes"]}
        assert pod["securityContext"]["runAsNonRoot"]
        assert not runs["securityContext"]["allowPrivilegeEscalation"]
        assert runs["image"].rpartition(":")[2] not in ("", "latest")

    @pytest.mark.parametrize("name", DEPLOYMENTS)
    def test_it_runs_what_there_is_and_gives_it_time_to_stop(self, name: str) -> None:
        read = can_be_called(container(DEPLOYMENTS[name])["args"])
        if grace := read.get("grace"):
            pod = DEPLOYMENTS[name]["spec"]["template"]["spec"]
            assert millis(grace) < pod["terminationGracePeriodSeconds"] * 1_000

    def test_the_probe_of_a_worker_can_be_called(self) -> None:
        shell, flag, asked = container(DEPLOYMENTS["shop-worker"])["readinessProbe"]["exec"][
            "command"
        ]
        assert (shell, flag) == ("sh", "-c")
        program, *words = shlex.split(asked.partition("|")[0])
        assert program == "tidemill"
        assert can_be_called(words)["as_json"]

    def test_what_leads_to_the_server_leads_there(self) -> None:
        server = container(DEPLOYMENTS["shop-server"])
        (port,) = server["ports"]
        assert can_be_called(server["args"])["port"] == port["containerPort"]
        (service,) = [each for each in MANIFESTS if each["kind"] == "Service"]
        labels = DEPLOYMENTS["shop-server"]["spec"]["template"]["metadata"]["labels"]
        assert service["spec"]["selector"] == labels
        (leads,) = service["spec"]["ports"]
        assert leads["targetPort"] == port["name"]
        (ingress,) = [each for each in MANIFESTS if each["kind"] == "Ingress"]
        ((rule,), (tls,)) = ingress["spec"]["rules"], ingress["spec"]["tls"]
        assert tls["hosts"] == [rule["host"]]
        (path,) = rule["http"]["paths"]
        backend = path["backend"]["service"]
        assert backend == {"name": service["metadata"]["name"], "port": {"name": leads["name"]}}
        for probe in ("livenessProbe", "readinessProbe"):
            assert server[probe]["httpGet"]["port"] == port["name"]

    def test_what_is_secret_is_a_setting(self) -> None:
        (secret,) = [each for each in MANIFESTS if each["kind"] == "Secret"]
        assert set(secret["stringData"]) <= VARIABLES


class TestImage:
    def test_it_runs_a_worker_as_nobody_in_particular(self) -> None:
        lines = [line.partition(" ") for line in RECIPE.splitlines() if line]
        said = {word: rest for word, _, rest in lines}
        assert said["USER"].partition(":")[0].isdigit()
        assert said["USER"].partition(":")[0] != "0"
        assert yaml.safe_load(said["ENTRYPOINT"]) == ["tidemill"]
        assert can_be_called(yaml.safe_load(said["CMD"]))["grace"] == "60s"
        bases = [rest.split()[0] for word, _, rest in lines if word == "FROM"]
        assert {base.partition(":")[2] for base in bases} == {"3.13-slim"}
        assert {word for word, _, _ in lines} <= {
            "FROM", "COPY", "RUN", "WORKDIR", "ENV", "USER", "ENTRYPOINT", "CMD",
        }  # fmt: skip

    def test_the_variables_of_the_page_are_settings(self) -> None:
        named = set(re.findall(r"\bTIDEMILL_\w+", PAGE.read_text()))
        assert named <= VARIABLES, named - VARIABLES


def test_the_settings_of_the_page_can_be_read(tmp_path: Path) -> None:
    (text,) = [block.text for block in blocks(PAGE) if block.language == "toml"]
    (tmp_path / "tidemill.toml").write_text(text)
    assert load({}, tmp_path).get("worker.grace", "") == "60s"


def test_the_proxy_sends_on_what_it_says_itself() -> None:
    assert PROXY.count("{") == PROXY.count("}")
    for line in PROXY.splitlines():
        said = line.strip()
        assert not said or said.startswith("#") or said[-1] in "{};", said
    assert re.findall(r"X-Forwarded-\w+ (\S+);", PROXY) == ["$remote_addr", "$scheme"]
    (server,) = [unit(text) for text in UNITS if name_of(text) == "shop-server.service"]
    port = can_be_called(shlex.split(server["Service"]["ExecStart"])[1:])["port"]
    assert set(re.findall(r"proxy_pass (\S+);", PROXY)) == {f"http://127.0.0.1:{port}"}
    assert re.search(r"location = /api/v1/live \{[^}]*proxy_buffering off;", PROXY)
