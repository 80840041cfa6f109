-- The attempts of jobs that did not end them, in order.
SELECT job, number, worker, started_at, ended_at, ending, error
FROM attempt WHERE job IN (SELECT value FROM json_each(?)) ORDER BY seq
