-- Keep the attempt that ended a job apart from it, for the job comes back.
INSERT INTO tidemill.attempt (job, number, worker, started_at, ended_at, ending, error)
SELECT seq, attempt, worker, started_at, finished_at, ending, error
FROM tidemill.done WHERE seq = $1 AND ending IS NOT NULL
