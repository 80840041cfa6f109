-- Keep the attempt that ended a job apart from it, for the job comes back.
INSERT INTO attempt (job, number, worker, started_at, ended_at, ending, error)
SELECT seq, attempt, worker, started_at, finished_at, ending, error
FROM done WHERE seq = ? AND ending IS NOT NULL
