-- Running jobs of a worker that have been asked to stop.
SELECT id FROM job WHERE worker = ? AND state = 'running' AND cancel_reason IS NOT NULL
