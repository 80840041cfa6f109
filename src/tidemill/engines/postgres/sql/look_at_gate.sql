-- Have a gate looked at from a moment on. A row of its own each time: nobody waits for a transaction of
-- a caller's that has the same gate looked at.
INSERT INTO tidemill.gate (name, look_at) VALUES ($1, $2)
