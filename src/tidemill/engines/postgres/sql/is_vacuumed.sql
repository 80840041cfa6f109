-- Whether dead rows of unfinished jobs are being cleaned away at this moment.
SELECT EXISTS (SELECT FROM pg_stat_progress_vacuum WHERE relid = 'tidemill.job'::regclass)
