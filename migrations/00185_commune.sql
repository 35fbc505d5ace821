-- +goose Up
-- The communes of the country by which addresses are written, whether or not an agency of theirs takes
-- dossiers here.
create table commune (
    code text primary key check (code ~ '^[0-9]{5}$'),
    province text not null check (province ~ '^[0-9]{2}$'),
    name text not null
);
create index commune_province on commune (province, name);

-- +goose Down
drop table commune;
