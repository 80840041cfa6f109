"""The same requests by a client without a job system: what HTTP allows."""

import asyncio
from pathlib import Path
from typing import Final

import httpx

from benchmarks.harness import Meter, Sample
from benchmarks.scale import Scale
from benchmarks.webhooks.receiver import receiving
from tidemill import signatures

AT_ONCE: Final = 100
BODY: Final = b'{"type":"order.placed","data":{"text":"%b"}}' % (b"x" * 200)


def post(_: Path, scale: Scale) -> Sample:
    """Signed, a hundred at once, by one client of httpx."""
    with receiving() as url:
        return asyncio.run(_post(url, scale.posts))


async def _post(url: str, posts: int) -> Sample:
    left, secret = iter(range(posts)), signatures.new_secret()
    limits = httpx.Limits(max_connections=AT_ONCE, max_keepalive_connections=AT_ONCE)

    async def post_some(client: httpx.AsyncClient) -> None:
        for number in left:
            headers = signatures.sign(secret, f"msg_{number}", BODY)
            await client.post(url, content=BODY, headers=headers)

    async with httpx.AsyncClient(limits=limits) as client:
        with Meter() as meter:
            await asyncio.gather(*(post_some(client) for _ in range(AT_ONCE)))
    return meter.rate(posts)
