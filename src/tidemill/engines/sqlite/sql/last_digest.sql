-- The digest of the newest line of the chained log.
SELECT digest FROM entry WHERE log = 'audit' ORDER BY position DESC LIMIT 1
