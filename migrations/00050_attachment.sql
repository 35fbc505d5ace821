-- +goose Up
-- A file given for a requirement. Several rows may share one stored file: a supplement starts with the files
-- of the revision before it.
create table attachment (
    id uuid primary key,
    draft_id uuid not null references draft,
    requirement text not null,
    file_id text not null,
    name_sealed bytea not null,
    media_type text not null,
    size bigint not null check (size > 0),
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    state text not null default 'kept' check (state in ('kept', 'removed')),
    created_at timestamptz not null,
    removed_at timestamptz,
    check ((state = 'removed') = (removed_at is not null))
);
-- The same file sent twice for one requirement (a double click, a retry) is one attachment.
create unique index attachment_same on attachment (draft_id, requirement, sha256) where state = 'kept';
create index attachment_file on attachment (file_id);
create index attachment_removed on attachment (removed_at) where state = 'removed';

-- +goose Down
drop table attachment;
