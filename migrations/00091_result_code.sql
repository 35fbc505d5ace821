-- +goose Up
-- Every code by which a result is or will be verified: reserved before the paper is signed, or drawn with the
-- result.
create table result_code (
    code text collate "C" primary key check (code ~ '^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$'),
    dossier_id uuid not null references dossier,
    created_at timestamptz not null,
    result_id uuid unique references result -- null while no result has it
);
create index result_code_unused on result_code (dossier_id) where result_id is null;
insert into result_code (code, dossier_id, created_at, result_id) select code, dossier_id, created_at, id from result;

-- +goose Down
drop table result_code;
