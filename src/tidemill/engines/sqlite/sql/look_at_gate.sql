-- Have a gate looked at from a moment on, or earlier when that was wanted already.
INSERT INTO gate (name, look_at) VALUES (?, ?)
ON CONFLICT (name) DO UPDATE SET look_at = min(look_at, excluded.look_at)
