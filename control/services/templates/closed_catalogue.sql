-- Run as superuser in the store's database, again without effect. Table by table PostgreSQL's grants and row rules say who reads what; what is
-- closed here tells of tables that one may not read (how many rows and bytes), or lets one login disturb others (locks, notices, ending queries).
DO $$
DECLARE f record; kept text;
BEGIN
    FOR f IN
        SELECT p.oid::regprocedure AS name FROM pg_proc p
        WHERE p.pronamespace IN ('pg_catalog'::regnamespace, 'public'::regnamespace)
            AND (p.proname ~ '^(pg_stat_get_|pg_stat_reset|pg_(try_)?advisory_|pg_sleep|pg_ls_|pg_logical_|lo_|(table|query|cursor|schema|database)_to_xml)'
                OR p.proname IN ('pg_relation_size', 'pg_table_size', 'pg_indexes_size', 'pg_total_relation_size', 'pg_database_size',
                    'pg_tablespace_size', 'pg_notify', 'pg_cancel_backend', 'pg_terminate_backend', 'pg_lock_status', 'pg_blocking_pids',
                    '_postgis_stats', '_postgis_selectivity', '_postgis_join_selectivity', 'st_estimatedextent'))
            AND has_function_privilege('public', p.oid, 'EXECUTE')
    LOOP
        EXECUTE format('REVOKE EXECUTE ON FUNCTION %s FROM PUBLIC', f.name);
        EXECUTE format('GRANT EXECUTE ON FUNCTION %s TO ioc_owner, ioc_loader', f.name);
    END LOOP;
    IF has_table_privilege('public', 'pg_catalog.pg_class', 'SELECT') THEN
        SELECT string_agg(quote_ident(a.attname), ', ') INTO kept FROM pg_attribute a
        WHERE a.attrelid = 'pg_catalog.pg_class'::regclass AND NOT a.attisdropped
            AND a.attname NOT IN ('reltuples', 'relpages', 'relallvisible') AND (a.attnum > 0 OR a.attname IN ('tableoid', 'ctid'));
        REVOKE SELECT ON pg_catalog.pg_class FROM PUBLIC;
        EXECUTE format('GRANT SELECT (%s) ON pg_catalog.pg_class TO PUBLIC', kept);
        GRANT SELECT ON pg_catalog.pg_class TO ioc_owner, ioc_loader;
    END IF;
END $$;
