-- How the transaction sees what others commit, and how long it waits for their locks.
SELECT current_setting('transaction_isolation'), current_setting('lock_timeout')
