-- Count leases on by the time to which the server's clock was set, whose ends are told by the time
-- before: forward those that were renewed until a moment, back those renewed later than it is now.
UPDATE tidemill.lease SET since = since + $1, until = until + $1
WHERE CASE WHEN $1 > 0 THEN since <= $2 ELSE since > $3 END
