-- Remove a document.
DELETE FROM record WHERE kind = ? AND key = ?
