-- A gate has been looked at.
DELETE FROM gate WHERE name = ?
