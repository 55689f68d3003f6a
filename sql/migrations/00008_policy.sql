-- +goose Up

-- What the law asks of a charge point depends on its power and on when it was commissioned. '' and null: not known.
alter table evse
    add column power text not null default '' check (power in ('', 'AC', 'DC')),
    add column commissioned_on date;

-- A rule has a name, which the verdict keeps. '' and null ask nothing of the charge point. What a rule asks never
-- changes; it ends, and another one begins.
alter table signature_policy
    add column rule_id             text,
    add column evse_country        text not null default '',
    add column power               text not null default '' check (power in ('', 'AC', 'DC')),
    add column commissioned_before date;
update signature_policy set rule_id = country || '/' || coalesce(nullif(party, ''), 'any') || '/'
    || to_char(valid_from at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"');
alter table signature_policy
    alter column rule_id set not null,
    drop constraint signature_policy_pkey,
    add primary key (tenant_id, rule_id);
revoke update on signature_policy from wattdue_app;
grant update (valid_until, note) on signature_policy to wattdue_app;

-- The rule by which no signature was required.
alter table verdict add column rule text not null default '';

-- What becomes of charges held in a stage for a reason ('*': any), so many days after they were first held. In force on
-- the days from valid_from until before valid_until. What a rule says never changes; it ends, and another one begins.
create table ageing_rule (
    tenant_id   int  not null references tenant,
    rule_id     text not null,
    stage       text not null check (stage in ('verify', 'assign', 'rate')),
    reason      text not null check (reason <> ''),
    after_days  int  not null check (after_days > 0),
    decision    text not null check (decision in ('bill', 'goodwill', 'claim')),
    set_by      text not null check (set_by <> ''),
    valid_from  date not null,
    valid_until date,
    note        text not null,
    primary key (tenant_id, rule_id),
    check (decision <> 'bill' or stage = 'verify')
);
grant insert on ageing_rule to wattdue_app;
grant update (valid_until, note) on ageing_rule to wattdue_app;

-- How a held charge was decided: by a rule, or without one by a person. Insert-only. attempt is the one that was held.
create table settlement (
    tenant_id  int         not null,
    charge_id  uuid        not null,
    attempt    int         not null,
    decision   text        not null check (decision in ('bill', 'goodwill', 'claim')),
    rule_id    text,
    actor      text        not null check (actor <> ''),
    reason     text        not null check (reason <> ''),
    held_since date        not null,
    decided_on date        not null,
    run_id     uuid,
    at         timestamptz not null default now(),
    primary key (tenant_id, charge_id, attempt),
    foreign key (tenant_id, charge_id) references cdr_key,
    foreign key (tenant_id, rule_id) references ageing_rule,
    foreign key (tenant_id, run_id) references run
);
create index settlement_claim on settlement (tenant_id, charge_id) where decision = 'claim';
grant insert on settlement to wattdue_app;
create trigger settlement_insert_only before update or delete or truncate on settlement
    for each statement execute function refuse_change();

-- Two ends more: the provider bears the charge, or claims it from the operator of the charge point.
alter table charge_state
    drop constraint charge_state_state_check,
    add constraint charge_state_state_check check (state in
        ('imported', 'verified', 'rated', 'accrued', 'drafted', 'billed', 'free', 'held', 'dropped', 'goodwill', 'claimed'));
drop index charge_state_pending;
create index charge_state_pending on charge_state (tenant_id, state, contract_no, charge_id)
    where state not in ('billed', 'free', 'dropped', 'goodwill', 'claimed');
alter table quarantine
    drop constraint quarantine_state_check,
    add constraint quarantine_state_check check (state in ('open', 'released', 'settled', 'dropped', 'goodwill', 'claimed'));

-- A key is registered for an EVSE, or without one for a meter wherever it is built in. Who revokes it ends its validity for
-- good: loading master data does not open it again.
alter table meter_key
    drop constraint meter_key_pkey,
    alter column evse_id drop not null,
    add constraint meter_key_evse unique (tenant_id, evse_id, valid_from),
    add constraint meter_key_owner check (evse_id is not null or meter_id <> ''),
    add column revoked_at    timestamptz,
    add column revoked_by    text not null default '',
    add column revoke_reason text not null default '';
create unique index meter_key_meter on meter_key (tenant_id, meter_id, valid_from) where evse_id is null;
create index meter_key_hash on meter_key (tenant_id, sha256(spki));
revoke update on meter_key from wattdue_app;
grant update (valid_until, revoked_at, revoked_by, revoke_reason) on meter_key to wattdue_app;

-- +goose Down
drop index meter_key_hash, meter_key_meter;
delete from meter_key where evse_id is null;
alter table meter_key
    drop constraint meter_key_owner,
    drop constraint meter_key_evse,
    add primary key (tenant_id, evse_id, valid_from),
    drop column revoked_at, drop column revoked_by, drop column revoke_reason;
revoke update (valid_until) on meter_key from wattdue_app;
grant update on meter_key to wattdue_app;
update quarantine set state = 'dropped' where state in ('goodwill', 'claimed');
alter table quarantine
    drop constraint quarantine_state_check,
    add constraint quarantine_state_check check (state in ('open', 'released', 'settled', 'dropped'));
update charge_state set state = 'dropped' where state in ('goodwill', 'claimed');
drop index charge_state_pending;
alter table charge_state
    drop constraint charge_state_state_check,
    add constraint charge_state_state_check check (state in
        ('imported', 'verified', 'rated', 'accrued', 'drafted', 'billed', 'free', 'held', 'dropped'));
create index charge_state_pending on charge_state (tenant_id, state, contract_no, charge_id)
    where state not in ('billed', 'free', 'dropped');
drop table settlement, ageing_rule;
alter table verdict drop column rule;
revoke update (valid_until, note) on signature_policy from wattdue_app;
grant update on signature_policy to wattdue_app;
alter table signature_policy
    drop constraint signature_policy_pkey,
    add primary key (tenant_id, country, party, valid_from),
    drop column rule_id, drop column evse_country, drop column power, drop column commissioned_before;
alter table evse drop column power, drop column commissioned_on;
