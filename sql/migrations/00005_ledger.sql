-- +goose Up

create table entry (
    tenant_id    int  not null references tenant,
    entry_id     uuid not null,
    reference    text not null,
    kind         text not null,
    booking_date date not null,
    value_date   date not null,
    tax_month    text not null,
    text         text not null,
    run_id       uuid not null,
    primary key (tenant_id, entry_id)
);
grant insert on entry to wattdue_app;

-- Debit positive, credit negative, minor units.
create table leg (
    tenant_id int      not null,
    entry_id  uuid     not null,
    no        smallint not null,
    account   text     not null,
    sub       text     not null,
    minor     bigint   not null check (minor <> 0),
    currency  text     not null,
    primary key (tenant_id, entry_id, no),
    foreign key (tenant_id, entry_id) references entry
);
create index leg_account on leg (tenant_id, account, sub);
grant insert on leg to wattdue_app;

-- All legs of an entry arrive in one statement, and they balance. Legs are numbered from 1 without a gap, and entry and number
-- are the key: so legs that come later either leave a gap or meet the key, and the table need not be looked into. A deferred
-- row trigger costs eight times more.
-- +goose StatementBegin
create function guard_legs() returns trigger language plpgsql as $$
declare
    bad record;
begin
    select l.entry_id, l.currency, sum(l.minor) as rest into bad
      from arriving l group by l.tenant_id, l.entry_id, l.currency having sum(l.minor) <> 0 limit 1;
    if found then
        raise exception 'entry % does not balance: % % left over', bad.entry_id, bad.rest, bad.currency
            using errcode = 'check_violation', hint = 'debits and credits of an entry sum to zero per currency';
    end if;
    select a.entry_id into bad
      from (select entry_id, count(*) as n, min(no) as lowest, max(no) as highest
              from arriving group by tenant_id, entry_id) a
     where a.n < 2 or a.lowest <> 1 or a.highest <> a.n
     limit 1;
    if found then
        raise exception 'entry % gets its legs in more than one statement, or fewer than two', bad.entry_id
            using errcode = 'check_violation', hint = 'a posted entry is complete; a correction is a new entry';
    end if;
    return null;
end $$;
-- +goose StatementEnd
create trigger leg_balance after insert on leg
    referencing new table as arriving for each statement execute function guard_legs();

create trigger entry_insert_only before update or delete or truncate on entry
    for each statement execute function refuse_change();
create trigger leg_insert_only before update or delete or truncate on leg
    for each statement execute function refuse_change();

-- +goose Down
drop table leg, entry;
drop function guard_legs;
