-- +goose Up

-- The most a charge point can deliver, in watts. 0: not known.
alter table evse add column max_watts int not null default 0 check (max_watts >= 0);

-- What the signatures of a charge prove, as far as sessions are compared by it. Entered with the first verdict that proves
-- it; a later one proves the same. unit_id names the signing unit: meter and key. arrival orders charges by the run that
-- proved them, their file and their place in it, byte by byte, so that the order does not depend on who worked faster.
create table signed_session (
    tenant_id       int         not null references tenant,
    charge_id       uuid        not null,
    unit_id         uuid        not null,
    arrival         text        collate "C" not null,
    evse_id         text        not null,
    format          text        not null,
    meter_id        text        not null,
    key_hash        bytea       not null,
    firmware        text        not null,
    register        text        not null,
    begin_at        timestamptz not null,
    begin_clock     text        not null,
    begin_value     bigint      not null,
    end_at          timestamptz not null,
    end_clock       text        not null,
    end_value       bigint      not null,
    duration_usable boolean     not null,
    primary key (tenant_id, charge_id)
);
create index signed_session_unit on signed_session (tenant_id, unit_id, begin_at);
create index signed_session_evse on signed_session (tenant_id, evse_id, begin_at);
grant insert on signed_session to wattdue_app;
create trigger signed_session_insert_only before update or delete or truncate on signed_session
    for each statement execute function refuse_change();

-- Every signed value of these sessions: the hash of its message and key, and its page. rule 0: the page means nothing.
create table signed_value (
    tenant_id int         not null,
    charge_id uuid        not null,
    digest    bytea       not null,
    unit_id   uuid        not null,
    counter   text        not null,
    page      numeric(20) not null,
    rule      smallint    not null,
    arrival   text        collate "C" not null,
    primary key (tenant_id, charge_id, digest)
);
create index signed_value_digest on signed_value (tenant_id, digest, arrival);
create index signed_value_page on signed_value (tenant_id, unit_id, counter, page, arrival) where rule <> 0;
grant insert on signed_value to wattdue_app;
create trigger signed_value_insert_only before update or delete or truncate on signed_value
    for each statement execute function refuse_change();

-- What was found by comparing charges with each other. other_id is all zeros where a charge alone is enough. A finding is
-- recorded once; only then is the charge held for it.
create table finding (
    tenant_id int         not null references tenant,
    charge_id uuid        not null,
    code      text        not null,
    other_id  uuid        not null,
    holds     boolean     not null,
    value     text        not null,
    run_id    uuid        not null,
    at        timestamptz not null default now(),
    primary key (tenant_id, charge_id, code, other_id),
    foreign key (tenant_id, charge_id) references cdr_key,
    foreign key (tenant_id, run_id) references run
);
create index finding_other on finding (tenant_id, other_id);
grant insert on finding to wattdue_app;
create trigger finding_insert_only before update or delete or truncate on finding
    for each statement execute function refuse_change();

-- Information that holds no longer, because a charge came in that stands between the two.
create table finding_closed (
    tenant_id int  not null,
    charge_id uuid not null,
    code      text not null,
    other_id  uuid not null,
    run_id    uuid not null,
    at        timestamptz not null default now(),
    primary key (tenant_id, charge_id, code, other_id),
    foreign key (tenant_id, charge_id, code, other_id) references finding,
    foreign key (tenant_id, run_id) references run
);
grant insert on finding_closed to wattdue_app;
create trigger finding_closed_insert_only before update or delete or truncate on finding_closed
    for each statement execute function refuse_change();

-- The signing unit behind the last verdict; null when it proves nothing, and again once the charge was compared. Charges that
-- wait for comparison are found by it, and none is priced before.
alter table charge_state add column unit_id uuid;
grant update (unit_id) on charge_state to wattdue_app;
create index charge_state_compare on charge_state (tenant_id, unit_id) where state = 'verified' and unit_id is not null;

-- Ageing rules may also decide about what was held in comparison.
alter table ageing_rule
    drop constraint ageing_rule_stage_check,
    add constraint ageing_rule_stage_check check (stage in ('verify', 'assign', 'compare', 'rate'));

-- +goose Down
delete from ageing_rule where stage = 'compare' and not exists (select from settlement s where s.rule_id = ageing_rule.rule_id);
alter table ageing_rule
    drop constraint ageing_rule_stage_check,
    add constraint ageing_rule_stage_check check (stage in ('verify', 'assign', 'rate')) not valid;
drop index charge_state_compare;
alter table charge_state drop column unit_id;
drop table finding_closed, finding, signed_value, signed_session;
alter table evse drop column max_watts;
