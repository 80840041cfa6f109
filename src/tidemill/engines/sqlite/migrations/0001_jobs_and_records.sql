-- The hot table of unfinished jobs, the history of finished ones, and everything beside them.

CREATE TABLE job (
    seq            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL,
    task           TEXT NOT NULL,
    queue          TEXT NOT NULL,
    tenant         TEXT NOT NULL,
    state          TEXT NOT NULL,
    rank           INTEGER NOT NULL,              -- priority negated: smaller runs sooner
    ready_at       INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    fence          INTEGER NOT NULL DEFAULT 0,
    worker         INTEGER,
    attempt        INTEGER NOT NULL DEFAULT 0,
    max_attempts   INTEGER NOT NULL,
    crashes        INTEGER NOT NULL DEFAULT 0,
    started_at     INTEGER,
    expires_at     INTEGER,
    timeout        INTEGER,
    gate           TEXT NOT NULL DEFAULT '',
    waits_for      INTEGER NOT NULL DEFAULT 0,
    cancel_reason  TEXT,                          -- set when a running job is asked to stop
    is_parent      INTEGER NOT NULL DEFAULT 0,
    unique_key     TEXT,
    unique_until   TEXT,                          -- while it holds its key
    limit_key      TEXT,
    limit_most     INTEGER,
    rate_key       TEXT,
    rate           TEXT,
    batch          TEXT,
    tags           TEXT,
    source         TEXT NOT NULL DEFAULT '',
    headers        TEXT,
    policy         TEXT NOT NULL,
    error          TEXT,
    progress       TEXT,
    checkpoint     BLOB,
    args           BLOB NOT NULL
) STRICT;

CREATE UNIQUE INDEX job_id ON job (id);
CREATE UNIQUE INDEX job_unique ON job (unique_key) WHERE unique_until IS NOT NULL;
CREATE INDEX job_key ON job (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX job_line ON job (queue, rank, ready_at) WHERE state = 'waiting';
CREATE INDEX job_task ON job (queue, task, rank, ready_at) WHERE state = 'waiting';
CREATE INDEX job_turn ON job (queue, tenant, rank, ready_at) WHERE state = 'waiting' AND tenant <> '';
CREATE INDEX job_due ON job (ready_at) WHERE state IN ('scheduled', 'retrying');
CREATE INDEX job_gate ON job (gate, rank, ready_at) WHERE state = 'blocked';
CREATE INDEX job_held ON job (worker) WHERE state = 'running';
CREATE INDEX job_limit ON job (limit_key, state) WHERE limit_key IS NOT NULL;
CREATE INDEX job_rate ON job (rate_key, state) WHERE rate_key IS NOT NULL;
CREATE INDEX job_expiry ON job (expires_at) WHERE expires_at IS NOT NULL AND state <> 'running';
CREATE INDEX job_batch ON job (batch) WHERE batch IS NOT NULL;

CREATE TABLE done (
    seq            INTEGER PRIMARY KEY,
    id             TEXT NOT NULL,
    task           TEXT NOT NULL,
    queue          TEXT NOT NULL,
    tenant         TEXT NOT NULL,
    state          TEXT NOT NULL,
    rank           INTEGER NOT NULL,
    ready_at       INTEGER NOT NULL,
    created_at     INTEGER NOT NULL,
    fence          INTEGER NOT NULL,
    worker         INTEGER,
    attempt        INTEGER NOT NULL,
    max_attempts   INTEGER NOT NULL,
    crashes        INTEGER NOT NULL,
    started_at     INTEGER,
    finished_at    INTEGER NOT NULL,
    expires_at     INTEGER,
    timeout        INTEGER,
    ending         TEXT,                          -- of the last attempt, where this row tells it
    reason         TEXT NOT NULL,
    unique_key     TEXT,
    unique_until   TEXT,
    limit_key      TEXT,
    limit_most     INTEGER,
    rate_key       TEXT,
    rate           TEXT,
    batch          TEXT,
    tags           TEXT,
    source         TEXT NOT NULL,
    headers        TEXT,
    policy         TEXT NOT NULL,
    error          TEXT,
    progress       TEXT,
    checkpoint     BLOB,
    args           BLOB NOT NULL,
    result         BLOB
) STRICT;

CREATE UNIQUE INDEX done_id ON done (id);
CREATE INDEX done_queue ON done (queue);          -- with the rowid behind it: newest first
CREATE INDEX done_task ON done (task);
CREATE INDEX done_finished ON done (state, finished_at);
CREATE INDEX done_ended ON done (state) WHERE state <> 'completed';
CREATE INDEX done_ended_in_queue ON done (queue) WHERE state <> 'completed';
CREATE INDEX done_tenant ON done (tenant) WHERE tenant <> '';
CREATE INDEX done_tenant_in_queue ON done (tenant, queue) WHERE tenant <> '';
CREATE INDEX done_key ON done (unique_key) WHERE unique_key IS NOT NULL;
CREATE INDEX done_batch ON done (batch) WHERE batch IS NOT NULL;

CREATE TABLE tagged (                             -- which jobs, live or finished, carry a tag
    tag  TEXT NOT NULL,
    job  INTEGER NOT NULL,
    PRIMARY KEY (tag, job)
) STRICT, WITHOUT ROWID;

CREATE TRIGGER job_is_tagged_anew AFTER UPDATE OF tags ON job WHEN NEW.tags IS NOT OLD.tags
BEGIN
    DELETE FROM tagged WHERE job = OLD.seq AND tag IN (SELECT value FROM json_each(OLD.tags));
    INSERT OR IGNORE INTO tagged (tag, job) SELECT value, NEW.seq FROM json_each(NEW.tags);
END;

CREATE TRIGGER done_is_gone AFTER DELETE ON done
WHEN OLD.tags IS NOT NULL AND NOT EXISTS (SELECT 1 FROM job WHERE seq = OLD.seq)
BEGIN
    DELETE FROM tagged WHERE job = OLD.seq AND tag IN (SELECT value FROM json_each(OLD.tags));
END;

CREATE TABLE attempt (                            -- attempts that did not end their job
    seq         INTEGER PRIMARY KEY,
    job         INTEGER NOT NULL,
    number      INTEGER NOT NULL,
    worker      INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER NOT NULL,
    ending      TEXT NOT NULL,
    error       TEXT
) STRICT;
CREATE INDEX attempt_job ON attempt (job);

CREATE TABLE edge (
    parent      INTEGER NOT NULL,
    child       INTEGER NOT NULL,
    on_failure  TEXT NOT NULL,
    PRIMARY KEY (parent, child)
) STRICT, WITHOUT ROWID;
CREATE INDEX edge_child ON edge (child);

CREATE TABLE unique_window (
    key    TEXT PRIMARY KEY,
    job    TEXT NOT NULL,
    until  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX unique_window_until ON unique_window (until);

CREATE TABLE queue (
    name     TEXT PRIMARY KEY,
    rules    TEXT NOT NULL,
    turn     TEXT,                                -- the tenant that was served last
    arrival  INTEGER NOT NULL DEFAULT 0           -- where the queue's rate stands
) STRICT, WITHOUT ROWID;

CREATE TABLE rule (
    kind   TEXT NOT NULL,
    name   TEXT NOT NULL,
    rules  TEXT NOT NULL,
    PRIMARY KEY (kind, name)
) STRICT, WITHOUT ROWID;

CREATE TABLE flow (                               -- where each key's rate stands
    key      TEXT PRIMARY KEY,
    arrival  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

CREATE TABLE gate (                               -- gates that may have room, and from when
    name     TEXT PRIMARY KEY,
    look_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
CREATE INDEX gate_look ON gate (look_at);

CREATE TABLE lease (
    name    TEXT PRIMARY KEY,
    holder  TEXT NOT NULL,
    fence   INTEGER NOT NULL,
    since   INTEGER NOT NULL,                     -- when it was last renewed, and when it runs out,
    until   INTEGER NOT NULL,                     -- both by the machine's monotonic clock
    info    TEXT NOT NULL
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX lease_fence ON lease (fence);

CREATE TABLE counter (
    name   TEXT PRIMARY KEY,
    value  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;
INSERT INTO counter (name, value) VALUES ('fence', 0);

CREATE TABLE record (
    kind     TEXT NOT NULL,
    key      TEXT NOT NULL,
    version  INTEGER NOT NULL,
    doc      BLOB NOT NULL,
    PRIMARY KEY (kind, key)
) STRICT, WITHOUT ROWID;

CREATE TABLE entry (
    position  INTEGER PRIMARY KEY AUTOINCREMENT,
    log       TEXT NOT NULL,
    at        INTEGER NOT NULL,
    topic     TEXT NOT NULL,
    tenant    TEXT NOT NULL,
    source    TEXT NOT NULL,
    data      BLOB NOT NULL,
    digest    BLOB                                -- of the chained log: over all lines up to here
) STRICT;
CREATE INDEX entry_log ON entry (log);
CREATE INDEX entry_at ON entry (at);
CREATE INDEX entry_tenant ON entry (log, tenant) WHERE tenant <> '';

CREATE TABLE statistic (
    step         TEXT NOT NULL,
    at           INTEGER NOT NULL,
    queue        TEXT NOT NULL,
    task         TEXT NOT NULL,
    tenant       TEXT NOT NULL,
    ending       TEXT NOT NULL,
    count        INTEGER NOT NULL,
    wait         INTEGER NOT NULL,
    run          INTEGER NOT NULL,
    wait_counts  TEXT NOT NULL,
    run_counts   TEXT NOT NULL,
    PRIMARY KEY (step, at, queue, task, tenant, ending)
) STRICT, WITHOUT ROWID;
