-- Keep an attempt that did not end its job.
INSERT INTO tidemill.attempt (job, number, worker, started_at, ended_at, ending, error)
VALUES ($1, $2, $3, $4, $5, $6, $7)
