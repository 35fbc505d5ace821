-- +goose Up
-- Form files to download, by the names under which requirements know them. Many procedures have another file
-- of the same name ("Mẫu số 01.docx"), so a template belongs to one; code is '' for one that all share.
create table procedure_template (
    code text not null,
    name text not null,
    media_type text not null,
    content bytea not null,
    sha256 text not null check (sha256 ~ '^[0-9a-f]{64}$'),
    changed_at timestamptz not null default now(),
    primary key (code, name)
);

-- +goose Down
drop table procedure_template;
