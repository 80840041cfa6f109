"""The page of the settings says what the settings say, and no variable is left unnamed."""

import re
from pathlib import Path

from tests.house.settings import EXAMPLE, PAGE, page
from tests.house.source import ROOT, Source
from tidemill.core.instants import millis
from tidemill.settings import FILE, OTHERS, load
from tidemill.settings.known import ALL


def test_the_page_is_as_the_settings_are() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.house.settings"


def test_every_setting_is_on_the_page() -> None:
    text = PAGE.read_text()
    assert [each.name for each in ALL if f"`{each.variable}`" not in text] == []


def test_the_example_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / FILE
    file.write_text(EXAMPLE)
    found = load({}, tmp_path)
    assert found.get("app", "") == "shop.jobs:app"
    assert found.worker() == {"concurrency": 8, "grace": "30s"}
    assert found.keep().completed == millis("7d")


def test_every_variable_that_code_reads_is_a_setting_or_named_beside_them() -> None:
    used = {
        name
        for source in Source.under(ROOT / "src", ROOT / "tests" / "journeys", ROOT / "benchmarks")
        for name in re.findall(r'"(TIDEMILL_[A-Z_]*[A-Z])"', source.text)
    }
    assert used <= OTHERS | {each.variable for each in ALL}
    assert used >= {"TIDEMILL_CREW", "TIDEMILL_FAILPOINTS", "TIDEMILL_URL"}
