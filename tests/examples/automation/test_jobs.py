"""Jobs are defined, changed, switched, cloned and made of templates, over HTTP."""

from typing import Any

import pytest

from tests.examples.automation.conftest import Person, Site


@pytest.fixture
def ada(shared: Site) -> Person:
    return shared.admin


def test_a_job_is_defined_looked_at_changed_and_deleted(ada: Person) -> None:
    made = ada.define(
        id="crud",
        name="Echo",
        description="Says it again.",
        schedule="0 12 * * *",
        timezone="Australia/Sydney",
        timeout=5_000,
        retries=1,
        config={"word": "tide"},
    )
    assert made == ada.ok("GET", "/jobs/crud")
    told = {
        "id": "crud", "name": "Echo", "description": "Says it again.",
        "moduleId": "automation.odds", "handler": "echo", "schedule": "0 12 * * *",
        "timezone": "Australia/Sydney", "enabled": True, "timeout": 5_000, "retries": 1,
        "config": {"word": "tide"}, "origin": "person", "lastStatus": None,
    }  # fmt: skip
    assert {name: made[name] for name in told} == told
    assert made["nextRun"][11:16] in ("01:00", "02:00")  # noon in Sydney
    changed = ada.ok("PUT", "/jobs/crud", {"schedule": "0 0 * * *", "config": {"word": "ebb"}})
    assert (changed["schedule"], changed["config"], changed["retries"]) == (
        "0 0 * * *", {"word": "ebb"}, 1,
    )  # fmt: skip
    assert changed["nextRun"] != made["nextRun"]
    ada.ok("DELETE", "/jobs/crud")
    for method, path in (("GET", ""), ("PUT", ""), ("DELETE", ""), ("POST", "/execute")):
        answer = ada(method, f"/jobs/crud{path}", {} if method != "GET" else None)
        assert (answer.status_code, answer.json()["code"]) == (404, "state.not_found")
    assert "automation.job.crud" not in str(ada.ok("GET", "/jobs"))


def test_jobs_are_listed_page_by_page_and_narrowed(ada: Person) -> None:
    for number in range(5):
        ada.define(id=f"list-{number}", name=f"Listed {number}", enabled=number % 2 == 0)
    first = ada.ok("GET", "/jobs?search=LISTED&limit=2")
    assert [each["id"] for each in first["jobs"]] == ["list-0", "list-1"]
    rest = ada.ok("GET", f"/jobs?search=listed&limit=3&after={first['next']}")
    assert [each["id"] for each in rest["jobs"]] == ["list-2", "list-3", "list-4"]
    assert rest["next"] is None
    off = ada.ok("GET", "/jobs?search=list-&enabled=false&moduleId=automation.odds")
    assert [each["id"] for each in off["jobs"]] == ["list-1", "list-3"]


@pytest.mark.parametrize(
    ("job", "said"),
    [
        ({"moduleId": "automation.nowhere"}, "there is no module 'automation.nowhere'"),
        ({"handler": "nothing"}, "has no handler 'nothing'"),
        ({"schedule": "99 * * * *"}, "minute"),
        ({"schedule": "0 0 30 2 *"}, "never"),
        ({"schedule": "0 0 * * *", "timezone": "Sea/Bottom"}, "Sea/Bottom"),
        ({"schedule": "0 0 * * *", "days": {"holidays": "XX"}}, "XX"),
        ({"handler": "fail", "config": {"times": "many"}}, "times"),
        ({"conditions": [{"rule": "moonlight"}]}, "moonlight"),
        ({"conditions": [{"rule": "hours", "since": "8", "until": "9"}]}, "since"),
        (
            {
                "conditions": [
                    {"rule": "hours", "since": "08:00", "until": "09:00", "timezone": "Sea/Bottom"}
                ]
            },
            "Sea/Bottom",
        ),
        ({"retries": -1}, "retries"),
        ({"timeout": 0}, "timeout"),
        ({"isAdmin": True}, "isAdmin"),
        ({"id": "a..b"}, "id"),
        ({"origin": "manifest"}, "origin"),
    ],
)
def test_a_job_that_could_not_run_is_refused_when_it_is_defined(
    ada: Person, job: dict[str, Any], said: str
) -> None:
    usual = {"name": "Wrong", "moduleId": "automation.odds", "handler": "echo"}
    answer = ada("POST", "/jobs", usual | job)
    assert answer.status_code == 422, answer.text
    assert said in answer.text
    assert ada.ok("GET", "/jobs?search=Wrong")["jobs"] == []


def test_an_id_is_given_once(ada: Person) -> None:
    ada.define(id="once")
    answer = ada("POST", "/jobs", {
        "id": "once", "name": "Again", "moduleId": "automation.odds", "handler": "echo",
    })  # fmt: skip
    assert answer.status_code == 409
    assert ada.ok("GET", "/jobs/once")["name"] == "A job"


def test_there_are_ten_presets_and_the_last_is_by_hand(ada: Person) -> None:
    presets = ada.ok("GET", "/jobs/presets")["presets"]
    assert [each["schedule"] for each in presets] == [
        "* * * * *", "*/5 * * * *", "*/15 * * * *", "*/30 * * * *", "0 * * * *", "0 */6 * * *",
        "0 0 * * *", "0 12 * * *", "0 9 * * 1", "",
    ]  # fmt: skip
    for number, each in enumerate(presets):
        made = ada.define(id=f"preset-{number}", schedule=each["schedule"], enabled=False)
        assert made["nextRun"] is None
        enabled = ada.ok("PUT", f"/jobs/preset-{number}/enable")
        assert (enabled["nextRun"] is None) == (each["schedule"] == "")
        ada.ok("DELETE", f"/jobs/preset-{number}")


def test_a_disabled_job_stands_still_and_can_be_executed_by_hand(ada: Person) -> None:
    made = ada.define(id="switch", schedule="0 0 1 1 *")
    assert made["nextRun"] is not None
    off = ada.ok("PUT", "/jobs/switch/disable")
    assert (off["enabled"], off["nextRun"]) == (False, None)
    assert ada.done(ada.execute("switch"))["jobId"] == "switch"
    on = ada.ok("PUT", "/jobs/switch/enable")
    assert (on["enabled"], on["nextRun"]) == (True, made["nextRun"])
    assert ada.define(id="off", schedule="0 0 1 1 *", enabled=False)["nextRun"] is None
    assert ada.ok("PUT", "/jobs/off/enable")["nextRun"] == made["nextRun"]


def test_a_schedule_that_a_person_has_paused_stays_so_until_they_resume_it(shared: Site) -> None:
    ada = shared.admin
    ada.define(id="held-up", schedule="0 0 1 1 *")
    ada.http.headers["X-Tenant"] = "automation"
    path = "/console/api/v1/schedules/automation.job.held-up"
    try:
        assert ada.http.post(f"{path}/pause", json={"note": "stocktaking"}).is_success
        held = ada.ok("PUT", "/jobs/held-up", {"config": {"word": "ebb"}})
        assert (held["enabled"], held["paused"], held["nextRun"]) == (True, "stocktaking", None)
        assert ada.http.post(f"{path}/resume").is_success
        assert ada.ok("GET", "/jobs/held-up")["nextRun"] is not None
    finally:
        del ada.http.headers["X-Tenant"]


def test_a_schedule_that_is_taken_away_and_given_again_follows(ada: Person) -> None:
    ada.define(id="follows", schedule="0 0 1 1 *")
    assert ada.ok("PUT", "/jobs/follows", {"schedule": ""})["nextRun"] is None
    assert ada.ok("PUT", "/jobs/follows", {"schedule": "0 0 1 1 *"})["nextRun"] is not None


def test_a_clone_is_another_job_that_is_disabled_at_first(ada: Person) -> None:
    ada.define(id="original", name="Original", schedule="0 0 1 1 *", config={"word": "tide"})
    copy = ada.ok("POST", "/jobs/original/clone")
    named = ada.ok("POST", "/jobs/original/clone", {"name": "Second"})
    assert (copy["name"], named["name"]) == ("Copy of Original", "Second")
    assert len({"original", copy["id"], named["id"]}) == 3
    for each in (copy, named):
        assert (each["enabled"], each["config"], each["schedule"]) == (
            False, {"word": "tide"}, "0 0 1 1 *",
        )  # fmt: skip
    assert ada.ok("GET", "/jobs/original")["enabled"] is True


def test_jobs_are_made_of_templates_and_templates_of_jobs(ada: Person) -> None:
    kept = ada.ok("POST", "/jobs/templates", {
        "id": "daily-echo",
        "title": "Echo each day",
        "job": {
            "moduleId": "automation.odds", "handler": "echo", "schedule": "0 0 * * *",
            "config": {"word": "tide", "loud": False},
        },
    })  # fmt: skip
    made = ada.ok(
        "POST", "/jobs/templates/daily-echo/jobs", {"name": "Mine", "config": {"loud": True}}
    )
    assert (made["schedule"], made["config"]) == ("0 0 * * *", {"word": "tide", "loud": True})
    again = ada.ok("POST", f"/jobs/{made['id']}/template", {"id": "mine"})
    assert again["title"] == "Mine"
    assert not {"id", "origin", "createdAt"} & again["job"].keys()
    listed = ada.ok("GET", "/jobs/templates")["templates"]
    assert kept in listed
    assert again in listed
    ada.ok("DELETE", "/jobs/templates/mine")
    assert ada("DELETE", "/jobs/templates/mine").status_code == 404
    assert ada("POST", "/jobs/templates/mine/jobs", {"name": "Lost"}).status_code == 404
    assert ada.ok("GET", f"/jobs/{made['id']}")["name"] == "Mine"
    wrong = ada("POST", "/jobs/templates", {"id": "wrong", "job": {"retries": "many"}})
    assert wrong.status_code == 422


class TestRights:
    def test_a_viewer_looks_and_changes_nothing_and_sees_no_configuration(
        self, shared: Site
    ) -> None:
        made = shared.admin.define(id="secret", config={"key": "hidden"})
        vic = shared.person("viewer", "automation")
        seen = vic.ok("GET", "/jobs/secret")
        assert (seen["name"], seen["config"]) == (made["name"], None)
        for method, path, body in (
            ("POST", "/jobs", {"name": "x", "moduleId": "automation.odds", "handler": "echo"}),
            ("PUT", "/jobs/secret", {"name": "y"}),
            ("PUT", "/jobs/secret/enable", None),
            ("PUT", "/jobs/secret/disable", None),
            ("POST", "/jobs/secret/execute", None),
            ("POST", "/jobs/secret/clone", None),
            ("POST", "/jobs/secret/template", {"id": "x"}),
            ("POST", "/jobs/templates", {"id": "x", "job": {}}),
            ("DELETE", "/jobs/templates/x", None),
            ("POST", "/jobs/secret/webhooks", {"url": "https://example.org"}),
            ("DELETE", "/jobs/secret", None),
            ("DELETE", "/executions/x", None),
            ("POST", "/events", {"name": "a.b"}),
            ("DELETE", "/events/cleanup", None),
            ("PUT", "/modules/automation.odds/disable", None),
            ("POST", "/modules/discover", None),
        ):
            answer = vic(method, path, body)
            assert answer.status_code == 403, (method, path, answer.text)

    def test_strangers_and_other_tenants_are_let_nowhere(self, shared: Site) -> None:
        paths = (
            "/jobs", "/jobs/presets", "/jobs/templates", "/executions", "/events",
            "/events/recent", "/events/stats/summary", "/events/schemas", "/modules", "/docs/api",
        )  # fmt: skip
        for path in paths:
            assert shared.nobody()("GET", path).status_code == 401, path
        other = shared.person("admin", "umbra")
        for path in paths[:-1]:
            assert other("GET", path).status_code == 404, path

    def test_an_operator_of_the_tenant_defines_and_executes(self, shared: Site) -> None:
        ops = shared.person("operator", "automation")
        ops.define(id="by-ops")
        assert ops.done(ops.execute("by-ops"))["jobId"] == "by-ops"
        assert shared.admin.ok("GET", "/jobs/by-ops")["lastStatus"] == "COMPLETED"

    def test_what_people_change_is_told_in_the_audit_log(self, shared: Site) -> None:
        ops = shared.person("operator", "automation")
        ops.define(id="audited", schedule="0 0 1 1 *")
        ops.execute("audited")
        shared.admin.ok("POST", "/modules/discover")
        hooks = "/jobs/audited/webhooks"
        made = shared.admin.ok("POST", hooks, {"url": f"{shared.shop_url}/hooks"})
        shared.admin.ok("DELETE", f"{hooks}/{made['id']}")
        lines = shared.admin.http.get("/console/api/v1/audit?limit=50").json()["lines"]
        actions = {line["action"] for line in lines if line["actor"].startswith("key:")}
        assert {"records.put", "schedules.create", "jobs.enqueue", "modules.discover"} <= actions
        hook = f"automation.webhook.subscriptions/{made['id']}"
        told = [line["action"] for line in lines if line["target"] == hook]
        assert told == ["records.delete", "records.put"]
