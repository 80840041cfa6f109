"""The page of the command line says what the commands say."""

from tests.house.commands import PAGE, page


def test_the_page_is_as_the_commands_are() -> None:
    assert PAGE.read_text() == page(), "write it anew: python -m tests.house.commands"
