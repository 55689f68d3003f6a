-- +goose Up

create table party (
    tenant_id   int     not null references tenant,
    party_no    text    not null,
    version     int     not null default 1,
    company     boolean not null default false,
    name        text    not null,
    street      text    not null default '',
    postal_code text    not null default '',
    city        text    not null default '',
    country     text    not null default '',
    email       text    not null default '',
    vat_id      text    not null default '',
    primary key (tenant_id, party_no)
);
grant insert, update on party to wattdue_app;

-- What a document says about a party, frozen and sealed with the party's data key.
create table party_snapshot (
    tenant_id   int         not null,
    snapshot_id uuid        not null,
    party_no    text        not null,
    sealed      bytea       not null,
    created_at  timestamptz not null default now(),
    primary key (tenant_id, snapshot_id),
    foreign key (tenant_id, party_no) references party
);
grant insert on party_snapshot to wattdue_app;
create trigger party_snapshot_insert_only before update or delete or truncate on party_snapshot
    for each statement execute function refuse_change();

create table contract (
    tenant_id    int    not null,
    contract_no  text   not null,
    party_no     text   not null,
    emaid        text   not null,
    emaid_key    text   not null,
    groups       text[] not null,
    tariff_code  text   not null,
    payment      text   not null check (payment in ('direct_debit', 'on_account')),
    payment_days int    not null,
    notice_days  int    not null,
    zone         text   not null,
    valid_from   date   not null,
    valid_until  date,
    primary key (tenant_id, contract_no),
    foreign key (tenant_id, party_no) references party
);
create index contract_emaid on contract (tenant_id, emaid_key);
grant insert, update on contract to wattdue_app;

create table token (
    tenant_id   int         not null,
    uid_key     text        not null,
    contract_no text        not null,
    valid_from  timestamptz not null,
    valid_until timestamptz,
    primary key (tenant_id, uid_key, valid_from),
    foreign key (tenant_id, contract_no) references contract
);
grant insert, update on token to wattdue_app;

create table mandate (
    tenant_id   int  not null,
    reference   text not null,
    contract_no text not null,
    scheme      text not null check (scheme in ('CORE', 'B2B')),
    signed_on   date not null,
    debtor_name text not null,
    iban        text not null,
    bic         text not null default '',
    ended_on    date,
    primary key (tenant_id, reference),
    foreign key (tenant_id, contract_no) references contract
);
create index mandate_contract on mandate (tenant_id, contract_no);
grant insert on mandate to wattdue_app;
grant update (ended_on) on mandate to wattdue_app;

create table evse (
    tenant_id     int  not null references tenant,
    evse_id       text not null,
    location_id   text not null,
    location_name text not null,
    city          text not null,
    country       text not null,
    zone          text not null,
    primary key (tenant_id, evse_id)
);
grant insert, update on evse to wattdue_app;

create table meter_key (
    tenant_id   int         not null,
    evse_id     text        not null,
    valid_from  timestamptz not null,
    valid_until timestamptz,
    meter_id    text        not null,
    spki        bytea       not null,
    source      text        not null,
    primary key (tenant_id, evse_id, valid_from),
    foreign key (tenant_id, evse_id) references evse
);
grant insert, update on meter_key to wattdue_app;

-- Where a signature is not required, by country and sender of the record ('' = any), for sessions starting in a span.
create table signature_policy (
    tenant_id   int         not null references tenant,
    country     text        not null,
    party       text        not null default '',
    valid_from  timestamptz not null,
    valid_until timestamptz,
    note        text        not null,
    primary key (tenant_id, country, party, valid_from)
);
grant insert, update on signature_policy to wattdue_app;

create table tariff (
    tenant_id   int         not null references tenant,
    code        text        not null,
    version     int         not null,
    valid_from  timestamptz not null,
    valid_until timestamptz,
    body        jsonb       not null,
    hash        bytea       not null,
    primary key (tenant_id, code, version)
);
grant insert on tariff to wattdue_app;
create trigger tariff_insert_only before update or delete or truncate on tariff
    for each statement execute function refuse_change();

-- +goose Down
drop table tariff, signature_policy, meter_key, evse, mandate, token, contract, party_snapshot, party;
