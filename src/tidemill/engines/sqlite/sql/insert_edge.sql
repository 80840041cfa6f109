-- Let a child wait for a parent.
INSERT INTO edge (parent, child, on_failure) VALUES (?, ?, ?) ON CONFLICT DO NOTHING
