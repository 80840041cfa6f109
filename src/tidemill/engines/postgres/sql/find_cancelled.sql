-- Running jobs of a worker that have been asked to stop.
SELECT id FROM tidemill.job WHERE worker = $1 AND state = 'running' AND cancel_reason IS NOT NULL
