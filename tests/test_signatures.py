"""Signatures of webhooks: others read ours, we read theirs, and nothing else is taken for one."""

import json
import time
from base64 import b64encode
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from standardwebhooks import Webhook, WebhookVerificationError

from tidemill.errors import InvalidName, InvalidOption, SignatureRefused
from tidemill.signatures import check_secret, new_secret, sign, verify

BODY = b'{"type":"invoice.paid","data":{"id":7}}'
AT = 1_767_225_600_000

IDS = st.text(
    st.characters(min_codepoint=33, max_codepoint=126, exclude_characters="."), min_size=1
).map(lambda id_: id_[:255])


@settings(max_examples=25)
@given(id_=IDS, data=st.dictionaries(st.text(), st.integers()))
def test_others_verify_what_we_sign(id_: str, data: dict[str, int]) -> None:
    secret, body = new_secret(), json.dumps(data).encode()
    assert Webhook(secret).verify(body, sign(secret, id_, body)) == data


@settings(max_examples=25)
@given(id_=IDS, data=st.dictionaries(st.text(), st.integers()))
def test_we_verify_what_others_sign(id_: str, data: dict[str, int]) -> None:
    secret, body = new_secret(), json.dumps(data)
    now = datetime.now(UTC)
    headers = {
        "Webhook-Id": id_,
        "Webhook-Timestamp": str(int(now.timestamp())),
        "Webhook-Signature": Webhook(secret).sign(id_, now, body),
    }
    assert verify(secret, headers, body.encode()) == id_


def test_a_tampered_webhook_that_others_refuse_is_refused() -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", BODY)
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(BODY + b" ", headers)
    with pytest.raises(SignatureRefused):
        verify(secret, headers, BODY + b" ")


@pytest.mark.parametrize(
    ("later", "fits"), [(-300, True), (300, True), (301, False), (-301, False)]
)
def test_five_minutes_are_tolerated_either_way(
    later: int,
    fits: bool,  # noqa: FBT001 - of a parameter
) -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", BODY, at=AT)
    if fits:
        assert verify(secret, headers, BODY, at=AT + later * 1_000) == "msg_1"
    else:
        with pytest.raises(SignatureRefused, match="another time"):
            verify(secret, headers, BODY, at=AT + later * 1_000)


def test_a_webhook_of_yesterday_is_refused_by_the_clock_on_the_wall() -> None:
    secret = new_secret()
    yesterday = int(time.time() - 86_400) * 1_000
    headers = sign(secret, "msg_1", BODY, at=yesterday)
    with pytest.raises(SignatureRefused):
        verify(secret, headers, BODY)
    assert verify(secret, headers, BODY, tolerance="2d") == "msg_1"


@pytest.mark.parametrize(
    "change",
    [
        {"webhook-id": "msg_2"},
        {"webhook-id": ""},
        {"webhook-timestamp": str(AT // 1_000 + 1)},
        {"webhook-timestamp": f"{AT // 1_000}.0"},
        {"webhook-timestamp": "-1"},
        {"webhook-timestamp": "9" * 400},
        {"webhook-timestamp": "\u0661\u0662"},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,"},
        {"webhook-signature": "v1,\u00e4\u00e4\u00e4\u00e4"},
        {"webhook-signature": "v1,AAAA v1a,BBBB,CCCC ,, v1"},
        {"webhook-signature": "v1a," + b64encode(bytes(64)).decode()},
    ],
    ids=str,
)
def test_what_is_altered_is_refused(change: Mapping[str, str]) -> None:
    secret = new_secret()
    headers = {**sign(secret, "msg_1", BODY, at=AT), **change}
    with pytest.raises(SignatureRefused):
        verify(secret, headers, BODY, at=AT)


@pytest.mark.parametrize("missing", ["webhook-id", "webhook-timestamp", "webhook-signature"])
def test_what_lacks_a_header_is_refused(missing: str) -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", BODY, at=AT)
    del headers[missing]
    with pytest.raises(SignatureRefused):
        verify(secret, headers, BODY, at=AT)


def test_a_body_that_was_read_and_written_again_is_refused() -> None:
    secret = new_secret()
    headers = sign(secret, "msg_1", BODY, at=AT)
    written_again = json.dumps(json.loads(BODY)).encode()
    assert json.loads(written_again) == json.loads(BODY)
    with pytest.raises(SignatureRefused):
        verify(secret, headers, written_again, at=AT)


def test_a_part_of_the_id_cannot_be_moved_into_the_time() -> None:
    """What is signed is `id.time.body`: an id with a full stop could end where it likes."""
    secret = new_secret()
    for id_ in ("msg.1", ".", "msg_1.1767225600"):
        with pytest.raises(InvalidName):
            sign(secret, id_, BODY)
        with pytest.raises(SignatureRefused):
            verify(secret, {**sign(secret, "msg_1", BODY, at=AT), "webhook-id": id_}, BODY, at=AT)


@pytest.mark.parametrize("id_", ["", "a b", "a\nb", "a\0b", "ä", "x" * 256])
def test_what_is_no_id_is_not_signed(id_: str) -> None:
    with pytest.raises(InvalidName):
        sign(new_secret(), id_, BODY)


def test_while_a_secret_takes_anothers_place_each_of_them_will_do() -> None:
    old, new, other = new_secret(), new_secret(), new_secret()
    headers = sign([new, old], "msg_1", BODY)
    assert len(headers["webhook-signature"].split(" ")) == 2
    for known in (old, new):
        Webhook(known).verify(BODY, headers)
        assert verify(known, headers, BODY) == "msg_1"
    with pytest.raises(SignatureRefused):
        verify(other, headers, BODY)
    assert verify([new, old], sign(old, "msg_1", BODY), BODY) == "msg_1"


@pytest.mark.parametrize(
    "secret",
    ["", "whsec_", "whsec_" + b64encode(bytes(23)).decode(), b64encode(bytes(65)).decode(),
     "whsec_ not base64 at all, but very long", "whsk_" + b64encode(bytes(32)).decode(), None],
)  # fmt: skip
def test_what_is_no_secret_neither_signs_nor_verifies(secret: Any) -> None:
    headers = sign(new_secret(), "msg_1", BODY)
    for misuse in (
        lambda: check_secret(secret),
        lambda: sign([secret], "msg_1", BODY),
        lambda: verify([secret], headers, BODY),
    ):
        with pytest.raises(InvalidOption) as told:
            misuse()
        assert not secret or len(secret) < 20 or secret not in str(told.value)


def test_without_any_secret_nothing_is_signed_or_verified() -> None:
    with pytest.raises(InvalidOption):
        sign([], "msg_1", BODY)
    with pytest.raises(InvalidOption):
        verify([], sign(new_secret(), "msg_1", BODY), BODY)


@pytest.mark.parametrize("length", [24, 25, 26, 64])
def test_secrets_of_others_may_be_written_without_what_fills_them_up(length: int) -> None:
    written = b64encode(bytes(range(length))).decode()
    headers = sign(f"whsec_{written}", "msg_1", BODY)
    for same in (written, written.rstrip("="), f"whsec_{written.rstrip('=')}"):
        assert verify(check_secret(same), headers, BODY) == "msg_1"
