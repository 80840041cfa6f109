"""The page of the REST API says what the code says."""

from tests.house.rest import PAGE, render


def test_the_page_of_routes_is_as_the_code_is() -> None:
    assert PAGE.read_text() == render(), "write it anew: python -m tests.house.rest"
