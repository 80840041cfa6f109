-- Who this session is, and what it talks to.
SELECT session_user::text, current_user::text, current_database()::text,
    current_setting('is_superuser') = 'on', pg_is_in_recovery()
