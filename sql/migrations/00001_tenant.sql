-- +goose Up
grant usage on schema public to wattdue_app, wattdue_reader;
alter default privileges in schema public grant select on tables to wattdue_app, wattdue_reader;

-- The company billing on this installation.
create table tenant (
    tenant_id  int     primary key,
    code       text    not null unique check (code ~ '^[a-z0-9-]{1,40}$'),
    zone       text    not null,
    issuer     jsonb   not null,
    paused     boolean not null default false
);
grant insert, update on tenant to wattdue_app;

-- Who did what, when and why. Insert-only. Without tenant: what concerns the whole installation.
create table audit (
    tenant_id  int         references tenant,
    at         timestamptz not null default now(),
    actor      text        not null check (actor <> ''),
    action     text        not null,
    target     text        not null,
    reason     text        not null default '',
    detail     jsonb       not null default '{}'
);
create index audit_target on audit (tenant_id, target, at);
grant insert on audit to wattdue_app;

-- Data keys, wrapped by the master key. Destroying one makes everything sealed with it unreadable.
create table data_key (
    tenant_id    int         not null references tenant,
    subject      text        not null,
    wrapped      bytea       not null,
    created_at   timestamptz not null default now(),
    primary key (tenant_id, subject)
);
grant insert on data_key to wattdue_app;

-- +goose StatementBegin
create function refuse_change() returns trigger language plpgsql as $$
begin
    raise exception '% is insert-only: % refused', tg_table_name, tg_op
        using errcode = 'integrity_constraint_violation',
              hint = 'a correction is a new row that names the old one';
end $$;
-- +goose StatementEnd
create trigger audit_insert_only before update or delete or truncate on audit
    for each statement execute function refuse_change();

-- +goose Down
drop table data_key, audit, tenant;
drop function refuse_change;
alter default privileges in schema public revoke select on tables from wattdue_app, wattdue_reader;
revoke usage on schema public from wattdue_app, wattdue_reader;
