"""The sources of the dashboard: their lock, their types, their own tests, and what may be where."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from dashboard import build
from dashboard.browser import PINS
from tests.dashboard import schema

SRC = build.HERE / "src"
HEX = re.compile(r"#[0-9a-fA-F]{3,8}\b")
LOCKS = [build.HERE / "package-lock.json", PINS / "package-lock.json"]


@pytest.fixture(params=LOCKS, ids=["dashboard", "browser"])
def lock(request: pytest.FixtureRequest) -> dict[str, dict[str, Any]]:
    """What a lock pins, by where it is put."""
    found: dict[str, dict[str, Any]] = json.loads(request.param.read_text())["packages"]
    return found


def test_every_package_is_pinned_by_a_hash_and_names_no_host(
    lock: dict[str, dict[str, Any]],
) -> None:
    for path, pin in lock.items():
        assert "resolved" not in pin, path
        assert not path or pin["integrity"].startswith("sha512-"), path


def test_what_another_platform_needs_is_pinned_too(lock: dict[str, dict[str, Any]]) -> None:
    # Where the registry lacks a package when a lock is made, npm leaves it out, and then refuses
    # the lock on every machine.
    named = {path.rpartition("node_modules/")[2] for path in lock}
    for path, pin in lock.items():
        missing = set(pin.get("optionalDependencies", {})) - named
        assert not missing, path


def test_colours_are_named_in_one_place() -> None:
    named = [
        f"{path.relative_to(SRC)}: {colour}"
        for path in [*SRC.rglob("*.css"), *SRC.rglob("*.tsx")]
        if path.name != "tokens.css"
        for colour in HEX.findall(path.read_text(encoding="utf-8"))
    ]
    assert not [each for each in named if "#page" not in each]


LOG = re.compile(r"--(log-[a-z-]+|paper|field|shoal|wrong|land): light-dark\((#\w{6}), (#\w{6})\);")
GROUNDS = ("paper", "field", "shoal", "wrong", "land")
READABLE = 4.5
"""The contrast of text that WCAG asks for."""


def luminance(colour: str) -> float:
    """How light a colour is, as WCAG reckons it."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts
    )
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_each_colour_of_a_log_is_readable_on_every_line_light_and_dark() -> None:
    found = LOG.findall((SRC / "design/tokens.css").read_text(encoding="utf-8"))
    tokens = {name: (light, dark) for name, light, dark in found}
    logs = [name for name in tokens if name.startswith("log-")]
    assert len(logs) == 16
    dull = []
    for name in logs:
        for ground in GROUNDS:
            for one, other in zip(tokens[name], tokens[ground], strict=True):
                dark, light = sorted((luminance(one), luminance(other)))
                if (light + 0.05) / (dark + 0.05) < READABLE:
                    dull.append(f"{name} {one} on {ground} {other}")
    assert not dull


@pytest.mark.parametrize("wanted", ["prefers-contrast: more", "forced-colors: active"])
def test_where_more_contrast_or_ones_own_colours_are_wanted_logs_have_none(wanted: str) -> None:
    tokens = (SRC / "design/tokens.css").read_text(encoding="utf-8")
    names = {name for name, _, _ in LOG.findall(tokens) if name.startswith("log-")}
    block = tokens.split(f"({wanted})")[1].split("@media")[0]
    assert set(re.findall(r"--(log-[a-z-]+): CanvasText;", block)) == names


IMPORT = re.compile(r'^import (?!type )[^"]*"(\.[^"]+)";$', re.MULTILINE)
SAID = re.compile(r'useText\(((?:"\w+"(?:, )?)+)\)')


def parts_said(path: Path, seen: set[Path]) -> set[str]:
    """The parts of the words that a module says, and whatever it imports at once."""
    if path in seen:
        return set()
    seen.add(path)
    text = path.read_text(encoding="utf-8")
    said = {part for parts in SAID.findall(text) for part in re.findall(r"\w+", parts)}
    for name in IMPORT.findall(text):
        for ending in (".tsx", ".ts"):
            source = (path.parent / f"{name}{ending}").resolve()
            if source.exists():
                said |= parts_said(source, seen)
    return said


SHOWN = re.compile(r'(?:shown|paged)\(\(\) => import\("\./(\S+)"\), "\w+", ("\w+"(?:, "\w+")*)\)')
"""How the table of pages names a page and the parts of the words that it says."""


def test_every_page_is_fetched_with_the_words_that_it_says() -> None:
    table = SHOWN.findall((SRC / "router.tsx").read_text(encoding="utf-8"))
    assert len(table) > 20
    for page, words in table:
        named = set(re.findall(r"\w+", words))
        said = parts_said(SRC / f"{page}.tsx", set())
        framed = {"shell"} if page.startswith("features/") and "Login" not in page else set()
        assert said <= named | framed, page
        assert named <= said | {"shell"}, page


class TestOnNode:
    @pytest.fixture(autouse=True)
    def _built(self, dashboard: Path) -> None:
        """Node and the packages are there."""

    def test_types_of_the_api_are_those_of_its_document(self, tmp_path: Path) -> None:
        schema.write(tmp_path / "schema.ts")
        assert schema.WRITTEN.read_text() == (tmp_path / "schema.ts").read_text(), (
            "the API has changed: write the types anew, by `python -m tests.dashboard.schema`"
        )

    @pytest.mark.timeout(300)
    def test_its_own_tests_are_green(self) -> None:
        said = build.run("testing", "node_modules/vitest/vitest.mjs", "run", "--passWithNoTests")
        assert "failed" not in said
