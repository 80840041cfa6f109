-- From here on wait so long for locks, until the transaction ends or a savepoint is gone back to.
SELECT set_config('lock_timeout', $1, true)
