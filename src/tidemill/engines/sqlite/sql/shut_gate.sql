-- A gate is about to be looked at: what is noted of it from here on counts for the next look.
DELETE FROM gate WHERE name = ?
