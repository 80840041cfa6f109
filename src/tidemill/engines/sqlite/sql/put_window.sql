-- Hold a unique key for a time, whatever becomes of the job.
INSERT INTO unique_window (key, job, until) VALUES (?, ?, ?)
ON CONFLICT (key) DO UPDATE SET job = excluded.job, until = excluded.until
