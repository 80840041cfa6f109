"""Work that recurs: cron expressions, intervals, calendars, and the duty that enqueues on time."""
