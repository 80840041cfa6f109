"""The page of the document, where the document holds what a browser would run."""

from tidemill.api.viewer import page


def test_markup_in_the_document_stays_text() -> None:
    markup = "<script>alert(1)</script>"
    property_ = {"description": markup, "examples": [markup], "enum": [markup]}
    schema = {"type": "object", "properties": {markup: property_}}
    operation = {
        "tags": [markup],
        "operationId": markup,
        "description": f"{markup}\n\n{markup}",
        "parameters": [{"name": markup, "in": markup, "schema": property_}],
        "requestBody": {"content": {markup: {"schema": schema}}},
        "responses": {markup: {"description": markup}},
    }
    document = {
        "info": {"title": markup, "summary": markup},
        "paths": {markup: {"post": operation}},
    }
    assert "<script" not in page(document, f'">{markup}')
