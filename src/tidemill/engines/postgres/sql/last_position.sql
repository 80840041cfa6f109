-- The position of the line that was added last in this transaction, or before it.
SELECT max(position) FROM tidemill.entry
