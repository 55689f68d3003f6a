-- +goose Up

-- A component may have several lines, and a line may be an adjustment: kind is empty for a quantity at a price, else
-- included, cap, discount or limit; component is empty for limits. label is the id of the discount or allowance, the day of
-- a cap, min or max of a limit. exact is the amount before rounding, in units of 1/9e12 of the currency unit, and is null
-- in lines written before it was kept. block is what one started block holds, where unit is the price of a block.
alter table rated_line
    add column kind  text   not null default '' check (kind in ('', 'included', 'cap', 'discount', 'limit')),
    add column label text   not null default '',
    add column exact bigint,
    add column block bigint not null default 0;

-- +goose Down
alter table rated_line drop column kind, drop column label, drop column exact, drop column block;
