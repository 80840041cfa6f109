"""Axe, which looks at a page for what keeps people out."""

from functools import cache
from typing import Any, Final

from playwright.sync_api import Page

from dashboard import build

TAGS: Final = (
    *("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"),
    "best-practice",
)
_COLOURS: Final = "color-contrast"


def violations(page: Page, *, colours_only: bool = False) -> list[str]:
    """What is wrong with a page as it stands, one line for each place.

    Args:
        page: what is looked at.
        colours_only: for a page that has been looked at in other colours.
    """
    if not page.evaluate("() => 'axe' in window"):
        page.evaluate(_script())
    what: dict[str, Any] = {"type": "tag", "values": TAGS}
    if colours_only:
        what = {"type": "rule", "values": [_COLOURS]}
    found = page.evaluate(
        "(runOnly) => axe.run(document, { runOnly, resultTypes: ['violations'] })", what
    )
    return [
        f"{each['id']}: {' '.join(map(str, node['target']))}: {node['failureSummary']}"
        for each in found["violations"]
        for node in each["nodes"]
    ]


@cache
def _script() -> str:
    return (build.MODULES / "axe-core" / "axe.min.js").read_text(encoding="utf-8")
