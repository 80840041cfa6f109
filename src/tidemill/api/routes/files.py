"""`/files/{token}`: a file, for whoever has been given a link to it."""

import os
from collections.abc import Iterator
from typing import Final
from urllib.parse import quote

from fastapi import APIRouter, Request, Response
from fastapi.responses import StreamingResponse

from tidemill.api.callers import ANYONE
from tidemill.app import Tidemill
from tidemill.files.streams import PIECE, Reader

routes: Final = APIRouter(tags=["files"], dependencies=[ANYONE])

_POLICY: Final = "default-src 'none'; sandbox"
"""Should a browser show it after all, nothing in it runs or asks anybody."""


@routes.get("/files/{token}", operation_id="downloadFile", include_in_schema=False)
async def download(request: Request, token: str) -> Response:
    """Hand out the file that a link leads to; whoever has the link may have it."""
    app: Tidemill = request.app.state.tidemill
    reader = await app.files.alinked(token)
    headers = {
        "Content-Disposition": _disposition(reader.file.name),
        "Content-Length": str(os.fstat(reader.fileno()).st_size),
        "Content-Security-Policy": _POLICY,
    }
    return StreamingResponse(_pieces(reader), headers=headers, media_type=reader.file.media_type)


def _pieces(reader: Reader) -> Iterator[bytes]:
    with reader:
        while piece := reader.read(PIECE):
            yield piece


def _disposition(name: str) -> str:
    """Saved under its name, which is told in two ways (RFC 6266, appendix D)."""
    plain = "".join(letter if letter.isascii() and letter != "%" else "_" for letter in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
