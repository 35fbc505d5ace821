-- +goose Up
-- What belongs to this database: the keys that seal its rows, and the store of its files. The one row is made
-- at the first start. Its canary opens with these keys only, and has this blind index under them; keyset is
-- how they are called.
create table installation (
    one boolean primary key default true check (one),
    keyset text not null,
    canary uuid not null,
    canary_sealed bytea not null,
    canary_index bytea not null check (length(canary_index) = 32),
    store uuid, -- null until a folder is bound
    created_at timestamptz not null
);
create index result_file on result (file_id);

-- +goose Down
drop index result_file;
drop table installation;
