"""What is installed: each thing that we ask for is pinned, by hashes, and no file names a host."""

import json
import re
import tomllib

import pytest
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from tests.house.source import ROOT

REQUIREMENTS = ROOT / "requirements"
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]


def asked_for(name: str) -> list[Requirement]:
    """What a .in file asks for, and what the files do that it includes."""
    asked = []
    for line in (REQUIREMENTS / f"{name}.in").read_text(encoding="utf-8").splitlines():
        text = re.sub(r"(^|\s)#.*", "", line).strip()
        if text.startswith("-r "):
            asked += asked_for(text.removeprefix("-r ").removesuffix(".in"))
        elif text and not text.startswith("-"):
            asked.append(Requirement(text))
    return asked


def pinned(name: str) -> dict[str, str]:
    """The version that a .txt file pins of each package."""
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    return dict(re.findall(r"^([\w.-]+)==(\S+)", text, flags=re.MULTILINE))


@pytest.mark.parametrize("name", ["run", "demo", "dev", "bench", "uv"])
def test_what_is_asked_for_is_pinned(name: str) -> None:
    ours = [] if name == "uv" else [Requirement(text) for text in PROJECT["dependencies"]]
    pins = pinned(name)
    for asked in ours + asked_for(name):
        assert asked.specifier.contains(pins[canonicalize_name(asked.name)]), asked


def test_what_runs_is_what_is_worked_on() -> None:
    assert pinned("run").items() <= pinned("dev").items()


@pytest.mark.parametrize("name", ["run", "demo", "dev", "bench", "uv"])
def test_every_pin_has_hashes_and_names_no_host(name: str) -> None:
    text = (REQUIREMENTS / f"{name}.txt").read_text(encoding="utf-8")
    assert "://" not in text
    for pin in re.split(r"\n(?=\w)", text):
        assert "--hash=sha256:" in pin, pin


def test_every_peer_on_node_is_pinned_by_a_hash_and_names_no_host() -> None:
    folder = ROOT / "benchmarks" / "postgres" / "node"
    asked = json.loads((folder / "package.json").read_text(encoding="utf-8"))["dependencies"]
    lock = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))
    pins = {path: pin for path, pin in lock["packages"].items() if path}
    for name, version in asked.items():
        assert pins[f"node_modules/{name}"]["version"] == version
    for path, pin in pins.items():
        assert pin["integrity"].startswith("sha512-"), path
        assert "resolved" not in pin, path
