-- One document.
SELECT version, doc FROM record WHERE kind = ? AND key = ?
