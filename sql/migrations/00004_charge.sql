-- +goose Up

-- A file as it was received; its bytes are in the archive, in segments.
create table import_file (
    tenant_id    int         not null references tenant,
    file_id      uuid        not null,
    sha256       bytea       not null,
    name         text        not null,
    size         bigint      not null,
    format       text        not null,
    segments     text[]      not null,
    run_id       uuid        not null,
    received_at  timestamptz not null default now(),
    ordinal_done int         not null default 0,
    finished     boolean     not null default false,
    stalled      int         not null default 0,     -- starts since the checkpoint moved that had no end
    stalled_at   int         not null default -1,    -- the checkpoint they started from
    parked       boolean     not null default false, -- reading on kills the program: waits for a person
    imported     int         not null default 0,
    duplicates   int         not null default 0,
    rejected     int         not null default 0,
    primary key (tenant_id, file_id)
);
create index import_file_open on import_file (tenant_id) where not finished and not parked;
grant insert, update on import_file to wattdue_app;

-- Names under which files lay in the inbox, so that a file known by name, size and time is not read again.
create table import_seen (
    tenant_id   int         not null,
    name        text        not null,
    size        bigint      not null,
    modified_at timestamptz not null,
    file_id     uuid        not null,
    primary key (tenant_id, name, size, modified_at),
    foreign key (tenant_id, file_id) references import_file
);
grant insert on import_seen to wattdue_app;

-- One row per (country, party, id) without case: charge_id is derived from these three. Unpartitioned on purpose,
-- because the partition of a record must not decide whether it is a duplicate.
create table cdr_key (
    tenant_id    int   not null references tenant,
    charge_id    uuid  not null,
    month        date  not null,
    content_hash bytea not null,
    file_id      uuid  not null,
    ordinal      int   not null,
    primary key (tenant_id, charge_id)
);
grant insert on cdr_key to wattdue_app;

-- Further arrivals of a record already known with equal content.
create table cdr_duplicate (
    tenant_id int  not null,
    file_id   uuid not null,
    ordinal   int  not null,
    charge_id uuid not null,
    primary key (tenant_id, file_id, ordinal),
    foreign key (tenant_id, charge_id) references cdr_key
);
grant insert on cdr_duplicate to wattdue_app;

-- The charge record, partitioned by UTC month of session end. Never updated.
create table charge (
    tenant_id    int         not null,
    month        date        not null,
    charge_id    uuid        not null,
    file_id      uuid        not null,
    ordinal      int         not null,
    country      text        not null,
    party        text        not null,
    cdr_id       text        not null,
    session_id   text        not null,
    start_at     timestamptz not null,
    end_at       timestamptz not null,
    energy       bigint      not null,
    parking_s    int         not null,
    token_key    text        not null,
    emaid_key    text        not null,
    evse_id      text        not null,
    evse_country text        not null,
    place        text        not null,
    currency     text        not null,
    stated_excl  text        not null,
    credit_ref   text        not null,
    periods      bytea       not null,
    signed       bytea,
    primary key (tenant_id, month, charge_id)
) partition by range (month);
grant insert on charge to wattdue_app;

-- Where a charge stands. The only mutable row about a charge, and a narrow one.
create table charge_state (
    tenant_id    int      not null,
    charge_id    uuid     not null,
    month        date     not null,
    state        text     not null default 'imported'
                 check (state in ('imported', 'verified', 'rated', 'accrued', 'drafted', 'billed', 'free', 'held', 'dropped')),
    attempt      int      not null default 1,
    contract_no  text,
    billing_date date,
    primary key (tenant_id, charge_id)
) with (fillfactor = 80);
create index charge_state_pending on charge_state (tenant_id, state, contract_no, charge_id)
    where state not in ('billed', 'free', 'dropped');
grant insert on charge_state to wattdue_app;
grant update (state, attempt, contract_no, billing_date) on charge_state to wattdue_app;

create table verdict (
    tenant_id int     not null,
    month     date    not null,
    charge_id uuid    not null,
    attempt   int     not null,
    word      text    not null,
    billable  boolean not null,
    basis     text    not null,
    profile   text    not null,
    energy    bigint  not null,
    duration_usable boolean not null,
    detail    bytea   not null,
    run_id    uuid    not null,
    primary key (tenant_id, month, charge_id, attempt)
) partition by range (month);
grant insert on verdict to wattdue_app;

-- A named person lets a charge be billed without a valid signature.
create table waiver (
    tenant_id int         not null,
    charge_id uuid        not null,
    actor     text        not null,
    reason    text        not null check (reason <> ''),
    at        timestamptz not null default now(),
    primary key (tenant_id, charge_id)
);
grant insert on waiver to wattdue_app;

create table rated (
    tenant_id      int    not null,
    month          date   not null,
    charge_id      uuid   not null,
    attempt        int    not null,
    rating_key     bytea  not null,
    contract_no    text   not null,
    tariff_code    text   not null,
    tariff_version int    not null,
    billing_date   date   not null,
    supply_date    date   not null,
    currency       text   not null,
    mode           text   not null,
    total          bigint not null,
    flags          text[] not null,
    trace          bytea  not null,
    run_id         uuid   not null,
    primary key (tenant_id, month, charge_id, attempt)
) partition by range (month);
grant insert on rated to wattdue_app;

create table rated_line (
    tenant_id int      not null,
    month     date     not null,
    charge_id uuid     not null,
    attempt   int      not null,
    no        smallint not null,
    component text     not null,
    quantity  bigint   not null,
    unit      bigint   not null,
    amount    bigint   not null,
    vat_code  text     not null,
    row_id    text     not null,
    primary key (tenant_id, month, charge_id, attempt, no)
) partition by range (month);
grant insert on rated_line to wattdue_app;

-- Creates the partitions of a month. Runs as owner, so that app needs no right to create tables. A table is made first and
-- attached then, because that takes a lock on the parent which lets others read and write on.
-- +goose StatementBegin
create function ensure_month(month date) returns void
language plpgsql security definer set search_path = public, pg_temp as $$
declare
    parent text;
    part   text;
begin
    if month <> date_trunc('month', month)::date then
        raise exception 'ensure_month wants the first day of a month, got %', month;
    end if;
    foreach parent in array array['charge', 'verdict', 'rated', 'rated_line'] loop
        part := parent || '_' || to_char(month, 'YYYYMM');
        if to_regclass(part) is null then
            perform pg_advisory_xact_lock(hashtext(part));
            if to_regclass(part) is null then
                execute format('create table %I (like %I including all)', part, parent);
                execute format('alter table %I attach partition %I for values from (%L) to (%L)',
                               parent, part, month, (month + interval '1 month')::date);
            end if;
        end if;
    end loop;
end $$;
-- +goose StatementEnd
revoke all on function ensure_month(date) from public;
grant execute on function ensure_month(date) to wattdue_app;

create trigger cdr_key_insert_only before update or delete or truncate on cdr_key
    for each statement execute function refuse_change();
create trigger charge_insert_only before update or delete or truncate on charge
    for each statement execute function refuse_change();
create trigger verdict_insert_only before update or delete or truncate on verdict
    for each statement execute function refuse_change();
create trigger waiver_insert_only before update or delete or truncate on waiver
    for each statement execute function refuse_change();
create trigger rated_insert_only before update or delete or truncate on rated
    for each statement execute function refuse_change();
create trigger rated_line_insert_only before update or delete or truncate on rated_line
    for each statement execute function refuse_change();

-- +goose Down
drop function ensure_month;
drop table rated_line, rated, waiver, verdict, charge_state, charge, cdr_duplicate, cdr_key, import_seen, import_file;
