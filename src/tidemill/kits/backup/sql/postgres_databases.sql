SELECT to_json(datname::text) FROM pg_database
