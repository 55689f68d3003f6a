-- +goose Up

create table draft (
    tenant_id    int    not null,
    run_id       uuid   not null,
    document_id  uuid   not null,
    sort_key     bytea  not null,
    kind         text   not null,
    series       text   not null,
    contract_no  text   not null,
    party_no     text   not null,
    snapshot_id  uuid   not null,
    period_first date   not null,
    period_next  date   not null,
    issued_on    date   not null,
    due_on       date   not null,
    collect_on   date,
    mandate      text   not null,
    payment      text   not null,
    currency     text   not null,
    net          bigint not null,
    tax          bigint not null,
    gross        bigint not null,
    content      bytea  not null,
    content_hash bytea  not null,
    charges      uuid[] not null,
    free         boolean not null,
    mail         boolean not null,
    entry_id     uuid   not null,
    debit_id     uuid   not null,
    reference    text   not null,
    value_date   date   not null,
    tax_month    text   not null,
    primary key (tenant_id, run_id, document_id),
    foreign key (tenant_id, run_id) references run
);
grant insert, delete on draft to wattdue_app;

-- The posting a draft will make; booked as entry and legs when the document is issued.
create table draft_leg (
    tenant_id   int      not null,
    run_id      uuid     not null,
    document_id uuid     not null,
    no          smallint not null,
    account     text     not null,
    sub         text     not null,
    minor       bigint   not null,
    currency    text     not null,
    primary key (tenant_id, run_id, document_id, no),
    foreign key (tenant_id, run_id, document_id) references draft on delete cascade
);
grant insert on draft_leg to wattdue_app;

create table approval (
    tenant_id   int         not null,
    run_id      uuid        not null,
    set_hash    bytea       not null,
    documents   int         not null,
    gross       bigint      not null,
    actor       text        not null,
    at          timestamptz not null default now(),
    primary key (tenant_id, run_id),
    foreign key (tenant_id, run_id) references run
);
grant insert on approval to wattdue_app;

create table series (
    tenant_id int    not null references tenant,
    code      text   not null,
    prefix    text   not null,
    width     int    not null check (width between 4 and 12),
    next      bigint not null default 1,
    primary key (tenant_id, code)
);
grant insert on series to wattdue_app;
grant update (next) on series to wattdue_app;

create table document (
    tenant_id    int    not null,
    document_id  uuid   not null,
    kind         text   not null,
    series       text   not null,
    number       text   not null,
    run_id       uuid   not null,
    contract_no  text   not null,
    party_no     text   not null,
    snapshot_id  uuid   not null,
    period_first date   not null,
    period_next  date   not null,
    issued_on    date   not null,
    due_on       date   not null,
    collect_on   date,
    payment      text   not null,
    currency     text   not null,
    net          bigint not null,
    tax          bigint not null,
    gross        bigint not null,
    content      bytea  not null,
    content_hash bytea  not null,
    primary key (tenant_id, document_id),
    unique (tenant_id, series, number),
    foreign key (tenant_id, series) references series,
    foreign key (tenant_id, snapshot_id) references party_snapshot,
    foreign key (tenant_id, run_id) references run
);
create index document_run on document (tenant_id, run_id, number);
create index document_contract on document (tenant_id, contract_no);
grant insert on document to wattdue_app;

-- Which document billed a charge: at most one, ever.
create table billed (
    tenant_id   int  not null,
    charge_id   uuid not null,
    document_id uuid not null,
    primary key (tenant_id, charge_id),
    foreign key (tenant_id, document_id) references document
);
create index billed_document on billed (tenant_id, document_id);
grant insert on billed to wattdue_app;

create table outbox (
    tenant_id   int         not null,
    key         text        not null,
    kind        text        not null,
    document_id uuid        not null,
    run_id      uuid        not null,
    state       text        not null default 'new'
                check (state in ('new', 'sending', 'sent', 'retry', 'in_doubt', 'failed')),
    phase       text        not null default '',
    attempts    int         not null default 0,
    next_at     timestamptz not null default now(),
    last_error  text        not null default '',
    receipt     text        not null default '',
    sent_at     timestamptz,
    sent_on     date,
    primary key (tenant_id, key),
    foreign key (tenant_id, document_id) references document
);
create index outbox_pending on outbox (tenant_id, run_id) where state in ('new', 'sending', 'retry');
create index outbox_document on outbox (tenant_id, document_id);
grant insert, update on outbox to wattdue_app;

-- Bytes we made: where they are and what they hash to.
create table artefact (
    tenant_id  int         not null references tenant,
    kind       text        not null,
    owner      uuid        not null,
    sha256     bytea       not null,
    size       bigint      not null,
    object     text        not null,
    media_type text        not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, kind, owner)
);
grant insert on artefact to wattdue_app;

-- Sealed objects in the archive: name is the SHA-256 of the ciphertext, subject names the key.
create table object (
    tenant_id  int         not null references tenant,
    name       text        not null,
    subject    text        not null,
    class      text        not null,
    size       bigint      not null,
    created_at timestamptz not null default now(),
    primary key (tenant_id, name)
);
grant insert on object to wattdue_app;

create table sepa_batch (
    tenant_id   int         not null references tenant,
    batch_id    uuid        not null,
    run_id      uuid        not null,
    message_id  text        not null,
    scheme      text        not null,
    sequence    text        not null,
    collect_on  date        not null,
    creditor    jsonb       not null,
    created_at  timestamptz not null,
    count       int         not null,
    sum         bigint      not null,
    state       text        not null default 'sealed'
                check (state in ('sealed', 'produced', 'exported', 'withdrawn')),
    primary key (tenant_id, batch_id),
    unique (tenant_id, message_id),
    foreign key (tenant_id, run_id) references run
);
grant insert on sepa_batch to wattdue_app;
grant update (state) on sepa_batch to wattdue_app;

create table debit (
    tenant_id     int    not null,
    debit_id      uuid   not null,
    document_id   uuid   not null,
    attempt_no    int    not null,
    contract_no   text   not null,
    mandate       text   not null,
    minor         bigint not null check (minor > 0),
    collect_on    date   not null,
    end_to_end_id text   not null,
    batch_id      uuid,
    state         text   not null default 'planned'
                  check (state in ('planned', 'sealed', 'held')),
    held_code     text   not null default '',
    primary key (tenant_id, debit_id),
    unique (tenant_id, document_id, attempt_no),
    unique (tenant_id, end_to_end_id),
    foreign key (tenant_id, document_id) references document,
    foreign key (tenant_id, batch_id) references sepa_batch
);
create index debit_planned on debit (tenant_id, collect_on) where state = 'planned';
grant insert on debit to wattdue_app;
grant update (batch_id, state, held_code) on debit to wattdue_app;

create trigger approval_insert_only before update or delete or truncate on approval
    for each statement execute function refuse_change();
create trigger document_insert_only before update or delete or truncate on document
    for each statement execute function refuse_change();
create trigger billed_insert_only before update or delete or truncate on billed
    for each statement execute function refuse_change();
create trigger artefact_insert_only before update or delete or truncate on artefact
    for each statement execute function refuse_change();
create trigger object_insert_only before update or delete or truncate on object
    for each statement execute function refuse_change();

-- +goose Down
drop table debit, sepa_batch, object, artefact, outbox, billed, document, series, approval, draft_leg, draft;
