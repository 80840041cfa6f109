-- Enqueueing from SQL: for triggers, and for programs in other languages.

CREATE FUNCTION tidemill.new_id() RETURNS text LANGUAGE sql VOLATILE AS $$
    -- A UUID of version 7, as `core.identity` makes them: 48 bits of milliseconds, 12 bits of what
    -- is behind them, and the random end of a UUID of version 4, its variant included.
    SELECT overlay(lpad(to_hex(stamp >> 12), 12, '0') PLACING '-' FROM 9 FOR 0)
        || '-7' || lpad(to_hex(stamp & 4095), 3, '0') || '-' || right(gen_random_uuid()::text, 17)
    FROM (SELECT floor(extract(epoch FROM clock_timestamp()) * 4096000)::bigint AS stamp) AS clock
$$;

CREATE FUNCTION tidemill.check_name(kind text, name text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF name IS NULL OR name !~ '^[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}$' THEN
        RAISE EXCEPTION '% name % is not allowed', kind, coalesce(quote_literal(left(name, 80)), 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'use 1 to 128 letters, digits, ''_'', ''.'' or ''-'', starting with a letter or digit';
    END IF;
    RETURN name;
END $$;

CREATE FUNCTION tidemill.check_key(kind text, key text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF key IS NULL OR length(key) NOT BETWEEN 1 AND 255 OR key ~ '[[:cntrl:]]' THEN
        RAISE EXCEPTION '% % is not allowed', kind, coalesce(quote_literal(left(key, 80)), 'NULL')
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'use a text of 1 to 255 printable characters, no control characters';
    END IF;
    RETURN key;
END $$;

CREATE FUNCTION tidemill.check_number(kind text, number bigint, smallest bigint, largest bigint)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN
    IF number NOT BETWEEN smallest AND largest THEN
        RAISE EXCEPTION '% = % is not possible', kind, number
        USING ERRCODE = 'invalid_parameter_value',
            HINT = format('it is a whole number from %s to %s', smallest, largest);
    END IF;
    RETURN number;
END $$;

CREATE FUNCTION tidemill.milliseconds(kind text, length interval)
RETURNS bigint LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
    amount numeric := extract(epoch FROM length) * 1000;
BEGIN
    IF amount NOT BETWEEN 0 AND 31536000000000 THEN
        RAISE EXCEPTION '% = % is not possible', kind, quote_literal(length)
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'it is an interval from 0 to a thousand years';
    END IF;
    RETURN amount::bigint;
END $$;

CREATE FUNCTION tidemill.check_args(args jsonb) RETURNS bytea LANGUAGE plpgsql STABLE AS $$
DECLARE
    payload bytea := convert_to(args::text, 'UTF8');
BEGIN
    IF jsonb_typeof(args) <> 'object' THEN
        RAISE EXCEPTION 'args is of type %, and not an object', jsonb_typeof(args)
        USING ERRCODE = 'invalid_parameter_value',
            HINT = 'name each argument by its parameter, as in {"user_id": 42}';
    END IF;
    IF octet_length(payload) > 262144 THEN
        RAISE EXCEPTION 'args is % bytes of JSON', octet_length(payload)
        USING ERRCODE = 'program_limit_exceeded',
            HINT = 'at most 262144 bytes; store what is large elsewhere, and name it';
    END IF;
    RETURN payload;
END $$;

-- Who holds a unique key: by being live, or through a window that is not over. NULL: nobody.
CREATE FUNCTION tidemill.holder_of(key text, now bigint) RETURNS text LANGUAGE sql STABLE AS $$
    SELECT id FROM tidemill.job WHERE unique_key = holder_of.key AND unique_until IS NOT NULL
    UNION ALL
    SELECT job FROM tidemill.unique_window AS held
    WHERE held.key = holder_of.key AND until > holder_of.now
        AND (EXISTS (SELECT FROM tidemill.job WHERE id = held.job)
            OR EXISTS (SELECT FROM tidemill.done WHERE id = held.job))
    LIMIT 1
$$;

-- Tell every process that listens, once this transaction is committed, that a queue has a job.
CREATE FUNCTION tidemill.wake(queue text) RETURNS void LANGUAGE sql VOLATILE AS $$
    SELECT pg_notify(
        nspname || '_hints',
        '{"sender":"tx","signals":[{"kind":"work","names":["' || wake.queue || '"]}]}'
    )
    FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE pg_class.oid = 'tidemill.job'::regclass
$$;

-- Store one job, in the transaction of the caller. Answers its id, or that of the job which holds
-- its key. NULL stands for what is usual, but for `timeout`, where it means no end.
CREATE FUNCTION tidemill.enqueue(
    task text,
    args jsonb DEFAULT '{}',
    queue text DEFAULT 'default',
    priority integer DEFAULT 0,
    delay interval DEFAULT NULL,
    due_at timestamptz DEFAULT NULL,
    expires interval DEFAULT NULL,
    key text DEFAULT NULL,
    on_duplicate text DEFAULT 'skip',
    tenant text DEFAULT '',
    tags text[] DEFAULT '{}',
    attempts integer DEFAULT 3,
    timeout interval DEFAULT '5 minutes',
    source text DEFAULT '',
    wake boolean DEFAULT false
) RETURNS text LANGUAGE plpgsql VOLATILE AS $$
DECLARE
    moment bigint := (extract(epoch FROM clock_timestamp()) * 1000)::bigint;
    due bigint := coalesce(
        (extract(epoch FROM due_at) * 1000)::bigint, moment + tidemill.milliseconds('delay', delay)
    );
    new_id text := tidemill.new_id();
    line text := tidemill.check_name('queue', coalesce(queue, 'default'));
    owner text := coalesce(tenant, '');
    cause text := coalesce(source, '');
    starts bigint := tidemill.check_number('attempts', coalesce(attempts, 3), 1, 1000);
    labels text[];
    whole_key text;
    holder text;
    number bigint;
BEGIN
    PERFORM tidemill.check_name('task', task);
    IF owner <> '' THEN
        PERFORM tidemill.check_name('tenant', owner);
    END IF;
    IF cause <> '' THEN
        PERFORM tidemill.check_key('source', cause);
    END IF;
    IF delay IS NOT NULL AND due_at IS NOT NULL THEN
        RAISE EXCEPTION 'both delay and due_at are given'
        USING ERRCODE = 'invalid_parameter_value', HINT = 'a job is due once: give one';
    END IF;
    IF coalesce(on_duplicate, 'skip') NOT IN ('skip', 'reject') THEN
        RAISE EXCEPTION 'on_duplicate = % is not known', quote_literal(on_duplicate)
        USING ERRCODE = 'invalid_parameter_value', HINT = 'use ''skip'' or ''reject''';
    END IF;
    labels := ARRAY(
        SELECT tidemill.check_key('tag', tag) FROM unnest(tags) WITH ORDINALITY AS given (tag, place)
        GROUP BY tag ORDER BY min(place)
    );
    IF key IS NOT NULL THEN
        whole_key := owner || '/' || tidemill.check_key('unique key', key);
    END IF;
    LOOP
        IF whole_key IS NOT NULL THEN
            holder := tidemill.holder_of(whole_key, moment);
        END IF;
        IF holder IS NOT NULL AND on_duplicate = 'reject' THEN
            RAISE EXCEPTION 'job % already holds the unique key %', holder, quote_literal(whole_key)
            USING ERRCODE = 'unique_violation',
                HINT = 'wait for it, or enqueue with on_duplicate => ''skip''';
        END IF;
        EXIT WHEN holder IS NOT NULL;
        INSERT INTO tidemill.job (
            id, task, queue, tenant, state, rank, ready_at, created_at, max_attempts, expires_at,
            timeout, unique_key, unique_until, tags, source, policy, args
        )
        VALUES (
            new_id, enqueue.task, line, owner,
            CASE WHEN due > moment THEN 'scheduled' ELSE 'waiting' END,
            -tidemill.check_number('priority', coalesce(priority, 0), -100, 100),
            greatest(due, moment), moment, starts,
            coalesce(due, moment) + tidemill.milliseconds('expires', expires),
            tidemill.milliseconds('timeout', enqueue.timeout),
            whole_key, CASE WHEN whole_key IS NOT NULL THEN 'finished' END,
            CASE WHEN cardinality(labels) > 0 THEN array_to_json(labels)::text END, cause,
            CASE starts WHEN 3 THEN '{}' ELSE format('{"attempts":%s}', starts) END,
            tidemill.check_args(coalesce(enqueue.args, '{}'))
        )
        ON CONFLICT DO NOTHING
        RETURNING seq INTO number;
        EXIT WHEN number IS NOT NULL;
        -- Someone has just stored a job of this key; now it can be seen.
    END LOOP;
    IF holder IS NOT NULL THEN
        RETURN holder;
    END IF;
    INSERT INTO tidemill.tagged (tag, job) SELECT unnest(labels), number;
    IF NOT EXISTS (SELECT FROM tidemill.queue AS known WHERE known.name = line) THEN
        INSERT INTO tidemill.queue (name, rules) VALUES (line, format('{"queue":"%s"}', line))
        ON CONFLICT DO NOTHING;
    END IF;
    IF wake THEN
        PERFORM tidemill.wake(line);
    END IF;
    RETURN new_id;
END $$;
