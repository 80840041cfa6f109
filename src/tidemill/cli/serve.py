"""`tidemill serve`: the API over HTTP."""

import os
import signal
from pathlib import Path
from typing import Annotated

import typer

from tidemill.app import Tidemill
from tidemill.cli import render
from tidemill.cli.options import the_application
from tidemill.cli.said import log_to_console
from tidemill.core.errors import InvalidOption
from tidemill.settings import load as load_settings
from tidemill.tasks.discovery import load
from tidemill.worker.orphan import CREW_VARIABLE, die_with_parent


def serve(
    *,
    app: Annotated[
        str,
        typer.Option(metavar="MODULE:NAME", help="The application, as shop.jobs:app."),
    ] = "",
    host: Annotated[str, typer.Option(metavar="ADDRESS", help="Listen there.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65_535, metavar="N", help="0: any.")] = 8420,
    trust_proxy: Annotated[
        str, typer.Option(metavar="A,B", help="Believe these proxies who their callers are.")
    ] = "",
    certificate: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Speak TLS with this certificate.")
    ] = None,
    private_key: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The key of the certificate.")
    ] = None,
) -> None:
    """Serve the API over HTTP.

    It listens to this machine alone until there is an admin. It ends on Ctrl-C or SIGTERM.
    """
    try:
        from tidemill.api.serving import serve as run  # noqa: PLC0415 - most commands need none
    except ImportError as error:
        raise InvalidOption(
            "what serves HTTP is not installed", hint="pip install 'tidemill[server]'"
        ) from error
    settings = load_settings()
    named = the_application(app, settings)
    if parent := os.environ.pop(CREW_VARIABLE, None):
        die_with_parent(int(parent), signal.SIGTERM)
    log_to_console()
    project = settings.file.parent if settings.file else None
    with load(named, Tidemill, project) as served:
        run(
            served,
            host=host,
            port=port,
            trusted=trust_proxy,
            certificate=str(certificate or ""),
            private_key=str(private_key or ""),
            tell=lambda said: render.echo(said, err=True),
        )
