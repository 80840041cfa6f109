-- When the next scheduled or retrying job is due, and when the next one expires.
SELECT
    (SELECT min(ready_at) FROM tidemill.job WHERE state IN ('scheduled', 'retrying')),
    (SELECT min(expires_at) FROM tidemill.job WHERE expires_at IS NOT NULL AND state <> 'running')
