-- Let a child wait for a parent.
INSERT INTO tidemill.edge (parent, child, on_failure) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING
