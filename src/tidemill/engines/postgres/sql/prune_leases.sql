-- Forget leases that have run out; a lease that is not there holds as little as one that has.
DELETE FROM tidemill.lease WHERE until <= $1
