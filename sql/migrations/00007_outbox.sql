-- +goose Up

-- refused and refused_since: temporary refusals of this mail, and since when; they decide when it is tried again and when
-- it is given up. tried_on: the local date of the run that tried last; the day from which the notice of a debit counts
-- when a person confirms that a mail in doubt has arrived. Until now only the run that issued a document sent its mail.
alter table outbox
    add column refused int not null default 0,
    add column refused_since timestamptz,
    add column tried_on date;
update outbox o set tried_on = d.issued_on
from document d
where d.tenant_id = o.tenant_id and d.document_id = o.document_id and o.attempts > 0;
create index outbox_due on outbox (tenant_id, next_at) where state in ('new', 'sending', 'retry');

-- +goose Down
drop index outbox_due;
alter table outbox drop column refused, drop column refused_since, drop column tried_on;
