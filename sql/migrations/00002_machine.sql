-- +goose Up

-- When jobs are due. The period is a local calendar day or month, never an instant.
create table job_schedule (
    tenant_id      int         not null references tenant,
    job            text        not null,
    spec           text        not null,
    zone           text        not null,
    enabled        boolean     not null default true,
    catch_up_limit int         not null default 3 check (catch_up_limit > 0),
    next_due_at    timestamptz not null,
    last_period    text        not null default '',
    alarm          text        not null default '',
    primary key (tenant_id, job)
);
grant insert, update on job_schedule to wattdue_app;

create table run (
    tenant_id    int         not null references tenant,
    run_id       uuid        not null,
    job          text        not null,
    period       text        not null,
    seq          int         not null check (seq > 0),
    state        text        not null check (state in ('running', 'review', 'closed', 'failed', 'cancelled')),
    stage        text        not null,
    epoch        int         not null default 0,
    as_of        timestamptz not null,
    pinned       boolean     not null default false, -- as_of was given, not read from the clock
    opened_by    text        not null,
    opened_at    timestamptz not null default now(),
    closed_at    timestamptz,
    engine       text        not null,
    config_hash  text        not null default '',
    chunk_size   int         not null default 0,
    error        text        not null default '',
    balance      jsonb,
    primary key (tenant_id, run_id),
    unique (tenant_id, job, period, seq)
);
create index run_active on run (state) where state = 'running';
grant insert on run to wattdue_app;
grant update (state, stage, epoch, as_of, closed_at, error, balance) on run to wattdue_app;

create table chunk (
    tenant_id   int         not null,
    run_id      uuid        not null,
    stage       text        not null,
    no          int         not null,
    lo          text        not null default '',
    hi          text        not null default '',
    state       text        not null default 'open'
                check (state in ('open', 'failed', 'done', 'quarantined', 'cancelled')),
    gen         int         not null default 0,
    offers      int         not null default 0,
    starts      int         not null default 0,
    offered_at  timestamptz,
    lease_until timestamptz,
    worker      text        not null default '',
    error_class text        not null default '',
    error       text        not null default '',
    counts      jsonb       not null default '{}',
    done_at     timestamptz,
    primary key (tenant_id, run_id, stage, no),
    foreign key (tenant_id, run_id) references run
);
create index chunk_pending on chunk (tenant_id, run_id, stage) where state in ('open', 'failed');
grant insert, update on chunk to wattdue_app;

-- Records set aside: with their bytes where they never became a charge, else with the charge they concern. A released
-- reject is settled once it has had its further try.
create table quarantine (
    tenant_id   int         not null references tenant,
    file_id     uuid        not null,
    ordinal     int         not null,
    stage       text        not null,
    attempt     int         not null default 1,
    charge_id   uuid,
    run_id      uuid        not null,
    class       text        not null,
    code        text        not null,
    record      text        not null default '',
    field       text        not null default '',
    reason      text        not null,
    payload     bytea,
    state       text        not null default 'open' check (state in ('open', 'released', 'settled', 'dropped')),
    noted_at    timestamptz not null default now(),
    decided_by  text        not null default '',
    decided_at  timestamptz,
    decision    text        not null default '',
    primary key (tenant_id, file_id, ordinal, stage, attempt)
);
create index quarantine_open on quarantine (tenant_id, stage, code) where state = 'open';
create index quarantine_charge on quarantine (tenant_id, charge_id) where charge_id is not null;
grant insert on quarantine to wattdue_app;
grant update (state, decided_by, decided_at, decision) on quarantine to wattdue_app;

-- +goose Down
drop table quarantine, chunk, run, job_schedule;
