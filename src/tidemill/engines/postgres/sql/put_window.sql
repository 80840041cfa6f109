-- Hold a unique key for a time, whatever becomes of the job.
INSERT INTO tidemill.unique_window (key, job, until) VALUES ($1, $2, $3)
ON CONFLICT (key) DO UPDATE SET job = excluded.job, until = excluded.until
