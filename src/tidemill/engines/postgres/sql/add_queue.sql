-- Remember that a queue has had a job.
INSERT INTO tidemill.queue (name, rules) VALUES ($1, $2) ON CONFLICT DO NOTHING
