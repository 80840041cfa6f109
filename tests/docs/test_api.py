"""The page of public names says what the code says."""

import tidemill
import tidemill.testing
from tests.docs.api import PAGE, render


def test_the_page_is_as_the_code_is() -> None:
    assert PAGE.read_text() == render(), "write it anew: python -m tests.docs.api"


def test_every_public_name_has_a_heading() -> None:
    text = PAGE.read_text()
    for name in [*tidemill.__all__, *tidemill.testing.__all__]:
        assert f"\n### {name}\n" in text
