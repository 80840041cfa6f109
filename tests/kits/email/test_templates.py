"""Templates: a subject, a text and HTML, filled with values."""

from pathlib import Path

import pytest

from tests.kits.email.conftest import Open
from tests.postbox import Postbox
from tidemill.core.errors import InvalidOption
from tidemill.kits.email import Email
from tidemill.kits.email.templates import Filled, Templates


def test_a_letter_is_made_of_files_in_a_folder(
    open_: Open, postbox: Postbox, tmp_path: Path
) -> None:
    (tmp_path / "layout.html").write_text("<html>{% block body %}{% endblock %}</html>")
    (tmp_path / "paid.html").write_text(
        "{% extends 'layout.html' %}{% block body %}<b>{{ no }} & {{ who }}</b>{% endblock %}"
    )
    (tmp_path / "paid.txt").write_text(
        "Subject: Invoice {{ no }}\n\nDear {{ who }},\nit is paid.\n"
    )
    email = Email(templates=tmp_path)
    mill = open_(email)
    values = {"no": 7, "who": "Zoë & Co"}
    mill.app.enqueue(email.send_template.bind("paid", ["zoe@example.org"], values))
    mill.drain()
    (kept,) = postbox.letters
    assert kept.letter["Subject"] == "Invoice 7"
    assert kept.text == "Dear Zoë & Co,\nit is paid.\n"
    assert kept.html == "<html><b>7 & Zoë &amp; Co</b></html>\n"


def test_html_alone_has_its_subject_in_its_first_line() -> None:
    templates = Templates({"paid.html": "Subject: {{ no }} paid\n\n<b>{{ no }}</b>"})
    assert templates.fill("paid", {"no": 7}) == Filled("7 paid", "", "<b>7</b>")


def test_tables_and_lists_are_gone_through() -> None:
    templates = Templates({
        "sum.txt": "Subject: Sum\n\n"
        "{% for name, cents in sums.items() %}{{ loop.index }} {{ name }} {{ cents }}\n{% endfor %}"
        "{{ order.items }} {{ order['keys'] }} {{ '%.2f' | format(total) }} {{ names | join('+') }}"
    })  # fmt: skip
    filled = templates.fill("sum", {
        "sums": {"a": 1, "b": 2}, "order": {"items": 3, "keys": 4}, "total": 5, "names": ["x", "y"],
    })  # fmt: skip
    assert filled.text == "1 a 1\n2 b 2\n3 4 5.00 x+y"


@pytest.mark.parametrize(
    ("sources", "says"),
    [
        ({}, "there is no template 'paid'"),
        ({"paid.txt": "no subject"}, "does not say what it is about"),
        ({"paid.txt": "Subject: {{ no }}"}, "'no' is undefined"),
        ({"paid.txt": "Subject: a\n\n{% for"}, "cannot be filled"),
        ({"paid.txt": "Subject: a\n\n{{ 'x' * 2000000 }}"}, "becomes too long"),
    ],
)
def test_what_is_wrong_with_a_template_is_said(sources: dict[str, str], says: str) -> None:
    with pytest.raises(InvalidOption, match=says):
        Templates(sources).fill("paid", {})
