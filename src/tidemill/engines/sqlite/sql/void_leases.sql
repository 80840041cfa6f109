-- Forget leases that were renewed later than it is now: the machine has been restarted since.
DELETE FROM lease WHERE since > ?
