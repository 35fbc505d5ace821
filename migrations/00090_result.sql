-- +goose Up
create table result (
    id uuid primary key,
    dossier_id uuid not null references dossier,
    code text collate "C" not null unique check (code ~ '^[0-9A-HJKMNP-TV-Z]{4}(-[0-9A-HJKMNP-TV-Z]{4}){3}$'),
    name jsonb not null,
    number text not null,
    issued_on date not null,
    file_id text not null,
    file_name_sealed bytea not null,
    size bigint not null check (size > 0),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    signer jsonb not null,
    state text not null default 'issued' check (state in ('issued', 'superseded', 'revoked')),
    superseded_by uuid references result,
    reason text not null default '',
    created_at timestamptz not null,
    ended_at timestamptz,
    opened_at timestamptz,
    check ((superseded_by is not null) = (state = 'superseded')),
    check ((ended_at is not null) = (state <> 'issued'))
);
create index result_dossier on result (dossier_id, created_at, id);
create index result_sha256 on result (sha256);
-- The same file delivered twice for one dossier (a retry of the one-stop system) is one result.
create unique index result_same on result (dossier_id, sha256) where state = 'issued';

-- +goose Down
drop table result;
