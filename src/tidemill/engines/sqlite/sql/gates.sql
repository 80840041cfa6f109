-- Gates that may have room now.
SELECT name FROM gate WHERE look_at <= ? ORDER BY look_at, name LIMIT ?
