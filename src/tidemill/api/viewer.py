"""The document of the API as a page for people: nothing on it runs, so nothing of it is foreign."""

import json
import re
from collections.abc import Iterator, Mapping
from html import escape
from pathlib import Path
from typing import Any, Final

STYLE: Final = (Path(__file__).parent / "viewer.css").read_text(encoding="utf-8")

_METHODS: Final = ("get", "post", "put", "patch", "delete")


def page(document: Mapping[str, Any], style: str) -> str:
    """The page.

    Args:
        document: as OpenAPI 3.1 has it.
        style: where its style sheet is.
    """
    tags = _by_tag(document)
    links = "".join(f'<li><a href="#{_id(tag)}">{escape(tag)}</a></li>' for tag in tags)
    body = "".join(_section(document, tag, operations) for tag, operations in tags.items())
    title = escape(f"{document['info']['title']} API")
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f'<link rel="stylesheet" href="{escape(style)}"></head><body>'
        f"<header><h1>{title}</h1><p>{escape(document['info'].get('summary', ''))}</p></header>"
        f'<nav aria-label="Nouns"><ul>{links}</ul></nav><main>{body}</main></body></html>'
    )


_UNTAGGED: Final = "other"
"""Where routes of a host application stand that has given them no tag."""

Operation = tuple[str, str, Mapping[str, Any]]
"""Method, path, and what the document says."""


def _by_tag(document: Mapping[str, Any]) -> dict[str, list[Operation]]:
    found: dict[str, list[Operation]] = {}
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if method in operations:
                operation = operations[method]
                tag = (operation.get("tags") or [_UNTAGGED])[0]
                found.setdefault(tag, []).append((method, path, operation))
    return found


def _id(tag: str) -> str:
    return escape(tag.replace(" ", "-"))


def _section(document: Mapping[str, Any], tag: str, operations: list[Operation]) -> str:
    body = "".join(_operation(document, *each) for each in operations)
    return f'<section id="{_id(tag)}"><h2>{escape(tag.capitalize())}</h2>{body}</section>'


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> str:
    about = operation.get("description") or operation.get("summary", "")
    first, _, more = about.partition("\n\n")
    parts = [f"<p>{_prose(more)}</p>" if more else "", *_inputs(document, operation)]
    for status, answer in operation["responses"].items():
        parts.append(f"<h4>{escape(status)} <span>{escape(answer['description'])}</span></h4>")
        parts.append(_content(document, answer))
    return (
        f'<details id="{escape(operation["operationId"])}"><summary>'
        f'<b class="{method}">{method.upper()}</b> <code>{escape(path)}</code> '
        f"<span>{_prose(first)}</span></summary>{''.join(parts)}</details>"
    )


def _inputs(document: Mapping[str, Any], operation: Mapping[str, Any]) -> Iterator[str]:
    parameters = operation.get("parameters", ())
    if parameters:
        rows = [
            (each["name"], each["in"], each["schema"] | each, each.get("required", False))
            for each in parameters
        ]
        yield "<h4>Asked by</h4>" + _table(document, rows)
    if body := operation.get("requestBody"):
        yield "<h4>Body</h4>" + _content(document, body)


def _content(document: Mapping[str, Any], holder: Mapping[str, Any]) -> str:
    found = ""
    for kind, content in holder.get("content", {}).items():
        schema = _resolved(document, content.get("schema", {}))
        needed = schema.get("required", ())
        rows = [
            (name, "", each, name in needed) for name, each in schema.get("properties", {}).items()
        ]
        found += f"<p><code>{escape(kind)}</code></p>" + (_table(document, rows) if rows else "")
    return found


def _table(
    document: Mapping[str, Any], rows: list[tuple[str, str, Mapping[str, Any], bool]]
) -> str:
    body = "".join(
        f"<tr><td><code>{escape(name)}</code> <i>{escape(_asides(where, needed))}</i></td>"
        f"<td>{escape(_kind(document, schema))}</td>"
        f"<td>{_prose(_about(document, schema))}{_example(schema)}</td></tr>"
        for name, where, schema, needed in rows
    )
    return f"<table>{body}</table>"


def _asides(where: str, needed: bool) -> str:  # noqa: FBT001 - of a row
    """What is to be known of a name beside its kind."""
    return ", ".join(filter(None, (where, "" if needed else "may be left out")))


def _prose(text: str) -> str:
    """A text of a docstring, in which code stands between backticks."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", escape(" ".join(text.split())))


def _about(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    own = schema.get("description") or _resolved(document, schema).get("description", "")
    return str(own)


def _example(schema: Mapping[str, Any]) -> str:
    examples = schema.get("examples") or ()
    if not examples or not isinstance(examples, list):
        return ""
    return f" <code>{escape(json.dumps(examples[0], ensure_ascii=False))}</code>"


def _kind(document: Mapping[str, Any], schema: Mapping[str, Any]) -> str:
    """What a value has to be, in a few words."""
    if "$ref" in schema:
        target = _resolved(document, schema)
        if "enum" in target:
            return " | ".join(map(str, target["enum"]))
        return str(schema["$ref"]).rpartition("/")[2]
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " | ".join(_kind(document, each) for each in schema[key])
    if "enum" in schema:
        return " | ".join(map(str, schema["enum"]))
    if schema.get("type") == "array":
        return f"list of {_kind(document, schema.get('items', {}))}"
    return str(schema.get("format") or schema.get("type") or "anything")


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Mapping[str, Any]:
    if "$ref" not in schema:
        return schema
    found: Mapping[str, Any] = document["components"]["schemas"][schema["$ref"].rpartition("/")[2]]
    return found
