-- +goose Up

-- How strictly signed meter values are judged: strict, reference or interop. The verdict keeps the name it was made by.
alter table tenant add column profile text not null default 'strict';

-- +goose Down
alter table tenant drop column profile;
