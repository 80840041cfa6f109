-- Keep an attempt that did not end its job.
INSERT INTO attempt (job, number, worker, started_at, ended_at, ending, error)
VALUES (?, ?, ?, ?, ?, ?, ?)
