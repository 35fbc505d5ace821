-- +goose Up
-- What each slip said when it was issued, sealed; the PDF is made from it again whenever it is asked for.
create table slip (
    id uuid primary key,
    dossier_id uuid not null references dossier,
    kind text not null check (kind in ('01', '02', '03')),
    number text not null check (number ~ '^[0-9]{2,}$'),
    sealed bytea not null,
    created_at timestamptz not null,
    unique (dossier_id, number)
);

-- +goose Down
drop table slip;
