-- Set the rules of a task or a key.
INSERT INTO rule (kind, name, rules) VALUES (?, ?, ?)
ON CONFLICT (kind, name) DO UPDATE SET rules = excluded.rules
