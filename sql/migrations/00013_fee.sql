-- +goose Up

-- The price mode of a document: in net mode VAT comes on top of what was rated.
alter table draft add column mode text not null default 'gross' check (mode in ('gross', 'net'));
alter table document add column mode text not null default 'gross' check (mode in ('gross', 'net'));

-- What a draft bills apart from sessions.
create table draft_fee (
    tenant_id   int      not null,
    run_id      uuid     not null,
    document_id uuid     not null,
    fee_id      uuid     not null,
    contract_no text     not null,
    month       date     not null,
    kind        text     not null check (kind in ('monthly', 'true_up')),
    no          smallint not null,
    source      text     not null,
    first_day   date     not null,
    next_day    date     not null,
    amount      bigint   not null,
    currency    text     not null,
    primary key (tenant_id, run_id, fee_id),
    foreign key (tenant_id, run_id, document_id) references draft on delete cascade
);
grant insert on draft_fee to wattdue_app;

-- Which document billed a fee: the natural key is contract, month, kind and number, and fee_id is derived from it. The fees
-- of a contract's plans are billed together, once a month; a true-up may be followed by another one when sessions of the
-- month are billed later. source is the plan, or tariff, row and country of a true-up.
create table billed_fee (
    tenant_id   int      not null,
    fee_id      uuid     not null,
    document_id uuid     not null,
    contract_no text     not null,
    month       date     not null,
    kind        text     not null check (kind in ('monthly', 'true_up')),
    no          smallint not null check (no > 0),
    source      text     not null,
    first_day   date     not null,
    next_day    date     not null,
    amount      bigint   not null check (amount <> 0),
    currency    text     not null,
    primary key (tenant_id, fee_id),
    unique (tenant_id, contract_no, month, kind, no),
    foreign key (tenant_id, contract_no) references contract,
    foreign key (tenant_id, document_id) references document
);
create index billed_fee_document on billed_fee (tenant_id, document_id);
grant insert on billed_fee to wattdue_app;
create trigger billed_fee_insert_only before update or delete or truncate on billed_fee
    for each statement execute function refuse_change();

-- +goose Down
drop table billed_fee, draft_fee;
alter table document drop column mode;
alter table draft drop column mode;
