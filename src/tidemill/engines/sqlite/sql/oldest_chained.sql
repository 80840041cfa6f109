-- The oldest lines of the chained log.
SELECT position, at, digest FROM entry WHERE log = 'audit' ORDER BY position LIMIT ?
