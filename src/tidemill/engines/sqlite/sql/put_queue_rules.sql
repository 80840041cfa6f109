-- Set the rules of a queue; its turn and its rate stand as they are.
INSERT INTO queue (name, rules) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET rules = excluded.rules
