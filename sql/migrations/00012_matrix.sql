-- +goose Up

-- How the session was authorised, and the operator's total with tax: tariffs may look at the one and pass the other on.
-- '': not known.
alter table charge
    add column token_type  text not null default '',
    add column stated_incl text not null default '';

-- Where a charge point stands in price lists. Without an operator it is the sender of the record.
alter table evse
    add column pricing_zone text not null default '',
    add column operator     text not null default '';

-- Whether the signed times may select a price at the start and during the session, and the signed readings between the
-- first and the last.
alter table verdict
    add column begin_usable boolean not null default false,
    add column end_usable   boolean not null default false,
    add column readings     jsonb;

-- What a price was made from, where counters of the month had a part in it: then it may have to be made again. Null: none
-- had.
alter table rated add column inputs jsonb;

-- Products of contracts: a fee per month in millionths of the currency unit, and what is included in it. What a plan says
-- never changes; it ends, and another one begins.
create table contract_plan (
    tenant_id   int    not null,
    contract_no text   not null,
    plan_id     text   not null,
    name        text   not null,
    fee         bigint not null check (fee >= 0),
    vat_code    text   not null,
    allowances  jsonb  not null,
    valid_from  date   not null,
    valid_until date,
    primary key (tenant_id, contract_no, plan_id),
    foreign key (tenant_id, contract_no) references contract
);
grant insert on contract_plan to wattdue_app;
grant update (valid_until) on contract_plan to wattdue_app;

-- A dearer version of a tariff counts for a contract only so many days after it was announced. Versions published before
-- this was kept were announced in time.
alter table contract add column price_notice_days int not null default 0 check (price_notice_days >= 0);
alter table tariff
    add column announced_on date,
    add column published_at timestamptz;
alter table tariff alter column published_at set default now();

-- The counters of a month are read from all charges of a contract; those that are done with are found by this.
create index charge_state_month on charge_state (tenant_id, contract_no, billing_date) where state in ('billed', 'free');

-- +goose Down
drop index charge_state_month;
alter table tariff drop column announced_on, drop column published_at;
alter table contract drop column price_notice_days;
drop table contract_plan;
alter table rated drop column inputs;
alter table verdict drop column begin_usable, drop column end_usable, drop column readings;
alter table evse drop column pricing_zone, drop column operator;
alter table charge drop column token_type, drop column stated_incl;
