-- The steps that the schema has taken.
SELECT number, kind, name, checksum, release FROM tidemill.step ORDER BY number
