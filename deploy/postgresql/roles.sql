-- The roles and the two databases of a cell. Run by psql as a superuser, once and again whenever a password
-- changes; running it twice changes nothing else. Then `assistance migrate` needs no superuser.
--
--   psql --dbname postgres --file roles.sql \
--     --set migrate_password=… --set ledger_password=… --set projections_password=…
--
-- A password that is not given so is taken from MIGRATE_PASSWORD, LEDGER_PASSWORD or PROJECTIONS_PASSWORD in
-- the environment, where a list of processes does not show it. Names of the databases: --set ledger_database=…
-- and --set projections_database=….
--
-- pg_hba.conf: admit these roles from where the services run, encrypted, to their databases, and nowhere else:
--   # type    database     user                                  address       method
--   hostssl   assistance   assistance_migrate,ledger_service     10.0.0.0/16   scram-sha-256
--   hostssl   assistance   projections_service                   10.0.0.0/16   scram-sha-256
--   hostssl   projections  projections_service                   10.0.0.0/16   scram-sha-256
-- With `trust`, or with `host` across a network, a password protects nothing.

\set ON_ERROR_STOP on
\set QUIET on
\if :{?ledger_database} \else \set ledger_database assistance \endif
\if :{?projections_database} \else \set projections_database projections \endif
\if :{?migrate_password} \else \getenv migrate_password MIGRATE_PASSWORD \endif
\if :{?ledger_password} \else \getenv ledger_password LEDGER_PASSWORD \endif
\if :{?projections_password} \else \getenv projections_password PROJECTIONS_PASSWORD \endif

\if :{?migrate_password} \else
    do $$ begin raise exception 'migrate_password is not given'; end $$;
\endif
\if :{?ledger_password} \else
    do $$ begin raise exception 'ledger_password is not given'; end $$;
\endif
\if :{?projections_password} \else
    do $$ begin raise exception 'projections_password is not given'; end $$;
\endif

-- The statements below hold passwords: the server's log shall not.
set client_min_messages = warning;
set log_statement = none;
set log_min_duration_statement = -1;
set log_min_error_statement = panic;
set password_encryption = 'scram-sha-256';

select least(length(:'migrate_password'), length(:'ledger_password'), length(:'projections_password')) < 16
    as too_short \gset
\if :too_short
    do $$ begin raise exception 'a password has less than 16 characters'; end $$;
\endif

-- Who owns the facts cannot log in. The three who can are strangers to every other database, and only
-- `assistance migrate` may act as the owner.
select format('create role %I', name)
from unnest(array['ledger_owner', 'assistance_migrate', 'ledger_service', 'projections_service']) as name
where not exists (select from pg_roles where rolname = name) \gexec

alter role ledger_owner
    nologin nosuperuser nocreatedb nocreaterole noreplication nobypassrls password null;
alter role assistance_migrate
    login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'migrate_password';
alter role ledger_service
    login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'ledger_password';
alter role projections_service
    login nosuperuser nocreatedb nocreaterole noreplication nobypassrls password :'projections_password';
grant ledger_owner to assistance_migrate;

select format('create database %I owner %I template template0 encoding %L', name, owner, 'UTF8')
from (values (:'ledger_database', 'assistance_migrate'), (:'projections_database', 'projections_service'))
    as wanted (name, owner)
where not exists (select from pg_database where datname = name) \gexec

-- By default everybody may connect to every database, and make temporary tables there.
revoke all on database :"ledger_database", :"projections_database" from public;
grant connect on database :"ledger_database" to assistance_migrate, ledger_service, projections_service;
grant connect on database :"projections_database" to projections_service;
