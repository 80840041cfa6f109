-- One document.
SELECT version, doc FROM tidemill.record WHERE kind = $1 AND key = $2
