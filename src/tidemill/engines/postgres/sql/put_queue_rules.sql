-- Set the rules of a queue; its turn and its rate stand as they are.
INSERT INTO tidemill.queue (name, rules) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET rules = excluded.rules
