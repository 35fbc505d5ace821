-- +goose Up
-- A signed file that a one-stop system sent before the result that will name it. The row goes with that
-- result, or by its age; then nothing names the file, and the store sets it aside.
create table result_waiting (
    file_id text primary key,
    dossier_id uuid not null references dossier,
    size bigint not null check (size > 0),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    created_at timestamptz not null
);
create index result_waiting_dossier on result_waiting (dossier_id);
create index result_waiting_age on result_waiting (created_at);

-- +goose Down
drop table result_waiting;
