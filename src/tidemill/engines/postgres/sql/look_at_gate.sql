-- Have a gate looked at from a moment on, or earlier when that was wanted already.
INSERT INTO tidemill.gate (name, look_at) VALUES ($1, $2)
ON CONFLICT (name) DO UPDATE SET look_at = least(gate.look_at, excluded.look_at)
