"""Tells every route from the document of the API: `python -m tests.house.rest` writes the page."""

from typing import Any, Final

from tests.api.routes import Declared, declared
from tests.house.source import ROOT
from tidemill import Tidemill
from tidemill.access.role import GRADES
from tidemill.api import PREFIX
from tidemill.api.app import create_api

PAGE: Final = ROOT / "docs" / "reference" / "rest.md"

HEAD: Final = """# The REST API

Everything below is under `/api/v1`, and takes a key (`Authorization: Bearer tm_…`) or a session;
[how to serve it](../howto/http.md) says how these come about. `GET /api/v1/openapi.json` holds all
of it, bodies and answers included, as OpenAPI 3.1.

What is needed names the permission, and the least role that has it; one for the whole instance
where a tenant's does not do.

This page is made from the code (`python -m tests.house.rest`); a test compares the two.
"""


def render() -> str:
    """The page, as the code has it."""
    api = create_api(Tidemill("memory://"))
    document = api.openapi()
    by_operation = {route.operation: route for route in declared(api)}
    lines = [HEAD]
    for tag, operations in _by_tag(document).items():
        lines += [f"## {tag.capitalize()}", "", "| route | does | needs |", "|---|---|---|"]
        for method, path, operation in operations:
            needs = _needs(by_operation[operation["operationId"]])
            # The summary is made of the handler's name; what it does is said in its docstring.
            does = operation["description"].partition("\n\n")[0].replace("\n", " ")
            lines.append(f"| `{method} {path}` | {does} | {needs} |")
        lines.append("")
    return "\n".join(lines)


def _by_tag(document: dict[str, Any]) -> dict[str, list[tuple[str, str, dict[str, Any]]]]:
    found: dict[str, list[tuple[str, str, dict[str, Any]]]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            place = (method.upper(), path.removeprefix(PREFIX), operation)
            found.setdefault(operation["tags"][0], []).append(place)
    return found


def _needs(route: Declared) -> str:
    if route.open:
        return "nothing"
    if route.needs is None:
        return "to be known"
    grade = GRADES[route.needs]
    return f"`{route.needs}`: {grade.role}{' of the instance' if grade.instance else ''}"


if __name__ == "__main__":
    PAGE.write_text(render())
