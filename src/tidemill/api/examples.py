"""What one may send, shown in the document: one example for each operation that takes a body."""

from typing import Any, Final

_ALERT: Final = {"name": "mail-fails", "when": "failures", "above": 20, "channels": ["ops"]}
_FAILED: Final = {"states": ["failed"], "queues": ["email"]}
_JOB: Final = {"task": "shop.welcome", "arguments": {"user_id": 42}, "delay": "10m"}
_PASSWORD: Final = "seven herons at low water"  # noqa: S105 - of nobody
_QUOTA: Final = {"waiting": 10_000, "running": 20, "per_minute": 600, "payload": 65_536}
_TENANT: Final = {"name": "acme", "title": "Acme Ltd", "quota": _QUOTA}

EXAMPLES: Final[dict[str, Any]] = {
    "acknowledgeIncident": {"note": "the mail server is being restarted"},
    "cancelJob": {"reason": "sent by hand"},
    "cancelJobs": {"filter": {"queues": ["email"], "tags": ["newsletter"]}},
    "changeAlertRule": {"above": 50, "hold": "5m"},
    "changeQueue": {"most": 10, "rate": {"count": 100, "per": "1m"}, "fair": True},
    "changeSchedule": {"pattern": "0 3 * * *", "tz": "Australia/Sydney"},
    "changeTenant": {"quota": _QUOTA},
    "changeUser": {"grants": [{"role": "operator", "tenant": "acme"}]},
    "cleanEvents": {"older_than": "30d"},
    "cleanQueue": {"states": ["completed"], "older_than": "7d"},
    "createAlertRule": _ALERT,
    "createChannel": {"name": "ops", "by": "mail", "to": ["ops@example.org"]},
    "createKey": {"title": "CI", "role": "operator", "scopes": ["jobs.*"], "expires_in": "90d"},
    "createSchedule": {
        "name": "nightly",
        "task": "shop.close_day",
        "pattern": "0 2 * * *",
        "tz": "Australia/Sydney",
        "overlap": "skip",
    },
    "createTenant": _TENANT,
    "createUser": {
        "name": "zoe@example.org",
        "password": _PASSWORD,
        "grants": [{"role": "admin", "tenant": None}],
        "full_name": "Zoë",
    },
    "deleteJobs": {"filter": {"states": ["completed"], "created_before": "2026-11-01T00:00:00Z"}},
    "discardDeadLetters": {"filter": {"queues": ["email"]}},
    "disableModule": {"note": "its partner is being moved"},
    "drainQueue": {"later": True},
    "emitEvent": {"name": "invoice.paid", "payload": {"invoice": 7}},
    "enqueueJob": _JOB,
    "enqueueJobs": {"jobs": [_JOB, {"task": "shop.close_day", "priority": "high"}]},
    "keepQueue": {"completed": "7d", "failed": "90d"},
    "limitKey": {"key": "api.example.org", "most": 3},
    "logIn": {"name": "zoe@example.org", "password": _PASSWORD},
    "moveJob": {"queue": "slow"},
    "moveJobs": {"filter": {"tasks": ["shop.welcome"], "states": ["waiting"]}, "queue": "slow"},
    "pauseQueue": {"note": "the mail server is being restarted"},
    "pauseSchedule": {"note": "the ledger is being moved"},
    "pauseTask": {"note": "it sends twice"},
    "postponeJob": {"until": "2h"},
    "postponeJobs": {"filter": {"queues": ["email"]}, "until": "2026-11-30T08:00:00Z"},
    "previewJobs": {"filter": _FAILED},
    "redriveDeadLetters": {"all": True},
    "reprioritiseJob": {"priority": "high"},
    "reprioritiseJobs": {"ids": ["01939d2c-7b1a-7e3f-9c58-0a4e6f2b9d10"], "priority": 10},
    "resolveIncident": {"note": "restarted"},
    "resumeSchedule": {"pattern": "0 3 * * *"},
    "retryJobs": {"filter": _FAILED},
    "runJobsNow": {"filter": {"queues": ["email"]}},
    "setPassword": {"password": _PASSWORD},
    "setUp": {"token": "…", "name": "zoe@example.org", "password": _PASSWORD},
    "switchTenant": {"tenant": "acme"},
}
