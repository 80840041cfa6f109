-- Make free what dead rows of unfinished jobs take, in all indexes. The file keeps its size: to cut it
-- would take a lock against everyone.
VACUUM (SKIP_LOCKED, INDEX_CLEANUP ON, TRUNCATE OFF) tidemill.job
