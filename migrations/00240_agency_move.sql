-- +goose Up
-- An event that has ended is about a dossier that another one-stop system serves since then. It keeps its
-- position, so that the log has no gap, but is neither pushed nor replayed any more.
alter table event add column ended_at timestamptz;

-- What a one-stop system may still read after the agency of a dossier changed to another system: the revisions
-- that it had acknowledged.
create table dossier_former_connection (
    dossier_id uuid not null references dossier,
    connection_id uuid not null references connection,
    last_revision int not null check (last_revision > 0),
    moved_at timestamptz not null,
    readable_until timestamptz not null check (readable_until > moved_at),
    mark bytea,
    primary key (dossier_id, connection_id)
);

-- +goose Down
drop table dossier_former_connection;
alter table event drop column ended_at;
