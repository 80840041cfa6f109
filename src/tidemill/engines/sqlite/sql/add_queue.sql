-- Remember that a queue has had a job.
INSERT INTO queue (name, rules) VALUES (?, ?) ON CONFLICT DO NOTHING
