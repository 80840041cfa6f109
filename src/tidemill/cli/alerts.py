"""`tidemill alerts`: what was found wrong, when people are told, and how."""

from typing import Annotated, cast

import msgspec
import typer

from tidemill.alerts.channel import By
from tidemill.alerts.incident import Incident
from tidemill.alerts.rule import AlertRule, Condition, Severity
from tidemill.cli import render
from tidemill.cli.options import AsJson, Url, Yes, confirm, store
from tidemill.core.instants import millis, words

alerts = typer.Typer(help="See what is wrong; say who is told of it.", no_args_is_help=True)
rules = typer.Typer(help="Say when people are told.", no_args_is_help=True)
channels = typer.Typer(help="Say how people are told.", no_args_is_help=True)
alerts.add_typer(rules, name="rules")
alerts.add_typer(channels, name="channels")

Id = Annotated[str, typer.Argument(metavar="ID", help="The incident meant.")]
Name = Annotated[str, typer.Argument(metavar="NAME", help="The one meant.")]
Note = Annotated[str, typer.Option(metavar="TEXT", help="What there is to say.")]


@alerts.command("list")
def list_incidents(
    every: Annotated[bool, typer.Option("--all", help="Those too that are over.")] = False,
    as_json: AsJson = False,
    url: Url = "",
) -> None:
    """List what is wrong, newest first."""
    with store(url) as app:
        incidents = app.incidents
        found = incidents.find() if every else incidents.find("open")
        now = app.now()
    if as_json:
        render.show_json(found)
        return
    rows = [
        {
            "id": each.id,
            "severity": each.severity,
            "since": render.ago(each.began_at, now),
            "state": _standing(each),
            "rule": each.rule,
            "text": each.text,
        }
        for each in found
    ]
    render.show(
        rows, empty="Nothing is wrong." if not every else "Nothing was wrong.", below="text"
    )


@alerts.command()
def acknowledge(id: Id, note: Note = "", url: Url = "") -> None:  # noqa: A002 - the word for it
    """Say that you have seen it, and look after it."""
    with store(url) as app:
        incident = app.incidents.acknowledge(id, note)
    render.echo(f"acknowledged: {incident.text}")


@alerts.command()
def resolve(id: Id, note: Note = "", url: Url = "") -> None:  # noqa: A002 - the word for it
    """Say that it is over.

    Where it is not, its rule finds it anew.
    """
    with store(url) as app:
        incident = app.incidents.resolve(id, note)
    render.echo(f"resolved: {incident.text}")


@rules.command("list")
def list_rules(as_json: AsJson = False, url: Url = "") -> None:
    """List when people are told."""
    with store(url) as app:
        found = [(each.key, each.value) for each in app.alert_rules.find()]
    if as_json:
        render.show_json([msgspec.structs.asdict(rule) for _, rule in found])
        return
    rows = [
        {
            "rule": key,
            "when": rule.when,
            "above": f"{rule.above:g}",
            "within": words(rule.window),
            "of": " ".join(filter(None, (rule.queue, rule.task))),
            "severity": rule.severity,
            "tells": ", ".join(rule.channels),
            "state": "on" if rule.enabled else "off",
        }
        for key, rule in found
    ]
    render.show(rows, empty="There are no alert rules; `tidemill alerts rules create` makes one.")


@rules.command("create")
def create_rule(
    name: Name,
    when: Annotated[
        str,
        typer.Argument(
            metavar="WHAT",
            help="failures, failure_rate, queue_depth, oldest_wait, dead_letters, missed_schedule, "
            "silent_worker, no_worker or event_flood.",
        ),
    ],
    above: Annotated[float, typer.Argument(metavar="N", help="More than this is wrong.")],
    *,
    window: Annotated[str, typer.Option(metavar="TIME", help="How far back is looked.")] = "5m",
    hold: Annotated[str, typer.Option(metavar="TIME", help="Wrong for so long first.")] = "0s",
    queue: Annotated[str, typer.Option(metavar="NAME", help="This queue alone.")] = "",
    task: Annotated[str, typer.Option(metavar="NAME", help="This task alone.")] = "",
    tenant: Annotated[str, typer.Option(metavar="NAME", help="Jobs of this tenant alone.")] = "",
    severity: Annotated[str, typer.Option(metavar="WORD", help="info, warning, critical.")] = (
        "warning"
    ),
    tell: Annotated[
        list[str] | None, typer.Option(metavar="CHANNEL", help="By this channel; several times.")
    ] = None,
    url: Url = "",
) -> None:
    """Have people told when something is wrong."""
    rule = AlertRule(
        name=name,
        when=cast("Condition", when),
        above=above,
        window=millis(window),
        hold=millis(hold),
        queue=queue,
        task=task,
        severity=cast("Severity", severity),
        channels=tuple(tell or ()),
        tenant=tenant,
    )
    with store(url, make=True) as app:
        app.alert_rules.create(rule)
    render.echo(f"{name}: {when} above {above:g} is {severity}")


@rules.command("enable")
def enable_rule(name: Name, url: Url = "") -> None:
    """Look at what a rule is about again."""
    with store(url) as app:
        app.alert_rules.change(name, {"enabled": True})
    render.echo(f"{name} is on")


@rules.command("disable")
def disable_rule(name: Name, url: Url = "") -> None:
    """Tell nobody of it for a while; what was found is over."""
    with store(url) as app:
        app.alert_rules.change(name, {"enabled": False})
    render.echo(f"{name} is off")


@rules.command("delete")
def delete_rule(name: Name, yes: Yes = False, url: Url = "") -> None:
    """Forget a rule; what it has found is over."""
    with store(url) as app:
        kept = app.alert_rules
        kept.get(name)
        if not yes:
            confirm(f"Forget the rule {name}?")
        kept.delete(name)
    render.echo(f"{name} is forgotten")


@channels.command("list")
def list_channels(as_json: AsJson = False, url: Url = "") -> None:
    """List how people are told."""
    with store(url) as app:
        found = [(each.key, each.value) for each in app.channels.find()]
    shown = [
        {"channel": key, "by": each.by, "to": ", ".join(each.to) or each.url} for key, each in found
    ]
    if as_json:
        render.show_json(shown)
    else:
        render.show(
            shown, empty="There are no channels; `tidemill alerts channels create` makes one."
        )


@channels.command("create")
def create_channel(
    name: Name,
    *,
    mail: Annotated[
        list[str] | None, typer.Option(metavar="ADDRESS", help="To this address; several times.")
    ] = None,
    webhook: Annotated[str, typer.Option(metavar="URL", help="Post it there, signed.")] = "",
    tenant: Annotated[str, typer.Option(metavar="NAME", help="For rules of this tenant.")] = "",
    url: Url = "",
) -> None:
    """Make a way by which people are told.

    The secret that a webhook is signed with is shown now and never again.
    """
    by: By = "webhook" if webhook else "mail"
    with store(url, make=True) as app:
        made = app.channels.create(name, by, to=tuple(mail or ()), url=webhook, tenant=tenant)
    render.echo(f"{made.key} tells by {made.by}")
    if made.secret:
        render.echo(made.secret)


@channels.command("test")
def try_channel(name: Name, url: Url = "") -> None:
    """Have a worker tell a message of no incident, to see whether it arrives."""
    with store(url) as app:
        job = app.channels.test(name)
    render.echo(f"a worker tells it by the job {job}")


@channels.command("delete")
def delete_channel(name: Name, yes: Yes = False, url: Url = "") -> None:
    """Forget a channel; nobody is told by it any more."""
    with store(url) as app:
        kept = app.channels
        kept.get(name)
        if not yes:
            confirm(f"Forget the channel {name}?")
        kept.delete(name)
    render.echo(f"{name} is forgotten")


def _standing(incident: Incident) -> str:
    if incident.stage == "open" and incident.acknowledged_at is not None:
        return f"seen by {incident.acknowledged_by}"
    return incident.stage
