-- The table of unfinished jobs turns over all the time: should nobody else tidy it, the server does so
-- sooner and without resting.
ALTER TABLE tidemill.job SET (
    autovacuum_vacuum_scale_factor = 0.1, autovacuum_vacuum_threshold = 20000,
    autovacuum_vacuum_cost_delay = 0
);
