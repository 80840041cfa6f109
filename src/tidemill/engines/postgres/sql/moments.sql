-- The server's clock in milliseconds, for the wall and for leases, unless others are to count.
SELECT coalesce($1::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint),
    coalesce($2::bigint, (extract(epoch FROM clock_timestamp()) * 1000)::bigint)
