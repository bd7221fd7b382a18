-- The roles, made once in a cluster by an administrator. The owner cannot log in; the services connect
-- as themselves and may only look, and call the append.
do $$
begin
    if not exists (select from pg_roles where rolname = 'ledger_owner') then
        create role ledger_owner nologin;
    end if;
    if not exists (select from pg_roles where rolname = 'ledger_service') then
        create role ledger_service login;
    end if;
    if not exists (select from pg_roles where rolname = 'projections_service') then
        create role projections_service login;
    end if;
exception when duplicate_object or unique_violation then
    null;  -- another process made them at the same moment
end $$;
