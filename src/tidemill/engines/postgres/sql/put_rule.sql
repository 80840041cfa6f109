-- Set the rules of a task or a key.
INSERT INTO tidemill.rule (kind, name, rules) VALUES ($1, $2, $3)
ON CONFLICT (kind, name) DO UPDATE SET rules = excluded.rules
