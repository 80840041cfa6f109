-- Remove a document.
DELETE FROM tidemill.record WHERE kind = $1 AND key = $2
