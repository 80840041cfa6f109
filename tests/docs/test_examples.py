"""Each example runs as a program of its own, in an empty folder, and says what it should."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.docs.pages import blocks
from tests.house.source import ROOT

EXAMPLES = ROOT / "examples"
PYTEST = ["-m", "pytest", "-q", "-p", "no:cacheprovider", "--rootdir", str(EXAMPLES)]

SAYS = {
    "hello/app.py": ["hello, world", "greeting.sent: world", "greetings so far: 1"],
    "batch/app.py": ["of 3 texts are done", "16 words in 2 texts, 1 could not be counted"],
    "transactional/plain.py": [
        "order 2 costs less than nothing",
        "orders: 1, jobs: 1",
        "order 1 is confirmed",
    ],
    "transactional/with_sqlalchemy.py": [
        "order 2 costs less than nothing",
        "orders: 1, jobs: 1",
        "order 1 is confirmed",
    ],
    "events/app.py": [
        "thanks for invoice 2",
        "failed: write_down: a lost invoice cannot be written down",
        "written down: invoice.paid, invoice.sent",
    ],
    "compose/app.py": ["hello, world"],
    "limits/app.py": [
        "most calls of one account at once: 2",
        "six reports took at least half a second: True",
    ],
}


def run(folder: Path, *arguments: str) -> str:
    """What a program says that ends by itself; the settings of this run are kept from it."""
    kept = {name: value for name, value in os.environ.items() if "TIDEMILL" not in name}
    ran = subprocess.run(
        [sys.executable, *arguments],
        cwd=folder,
        env=kept | {"PYTHONDONTWRITEBYTECODE": "1"},
        capture_output=True,
        text=True,
        check=False,
        timeout=50,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr
    return ran.stdout


@pytest.mark.slow
@pytest.mark.parametrize("name", SAYS)
def test_an_example_ends_by_itself_and_says(name: str, tmp_path: Path) -> None:
    said = run(tmp_path, str(EXAMPLES / name))
    for words in SAYS[name]:
        assert words in said


@pytest.mark.slow
def test_the_tests_of_the_example_pass(tmp_path: Path) -> None:
    said = run(tmp_path, *PYTEST, "-c", os.devnull, str(EXAMPLES / "testing"))
    assert "5 passed" in said


@pytest.mark.slow
def test_the_first_task_of_the_readme_can_be_asked_for(tmp_path: Path) -> None:
    (block,) = [block for block in blocks(ROOT / "README.md") if block.language == "python"]
    (tmp_path / "jobs.py").write_text(block.text)
    run(tmp_path, "jobs.py")
    listed = run(tmp_path, "-m", "tidemill", "queues", "list", "--url", "sqlite:///jobs.db")
    (email,) = [line.split("\t") for line in listed.splitlines() if line.startswith("email")]
    assert email[:4] == ["email", "1", "0", "1,001"]


def test_no_example_is_left_out() -> None:
    applications = {path.parent for path in EXAMPLES.glob("*/__main__.py")}
    stage = EXAMPLES / "stage"
    programs = {
        str(path.relative_to(EXAMPLES))
        for path in EXAMPLES.rglob("*.py")
        if not (applications | {stage}) & set(path.parents)
    }
    assert programs - set(SAYS) == {"testing/shop.py", "testing/test_shop.py"}
    folders = {path.name for path in EXAMPLES.iterdir() if path.is_dir()}
    assert folders == {path.parent.name for path in EXAMPLES.glob("*/README.md")}
    assert all((ROOT / "tests" / "examples" / each.name).is_dir() for each in applications)
    listed = (EXAMPLES / "README.md").read_text()
    assert all(f"[{folder}]({folder}/)" in listed for folder in folders)
