-- The digest of the newest line of the chained log.
SELECT digest FROM tidemill.entry WHERE log = 'audit' ORDER BY position DESC LIMIT 1
