-- +goose Up
-- What a source says about a field of a draft: the portal filled it in, and it stays when the person writes
-- another value. What it says, where from, and why the person says otherwise are sealed together.
create table draft_given (
    draft_id uuid not null references draft on delete cascade,
    field text not null,
    sealed bytea not null,
    primary key (draft_id, field)
);

-- +goose Down
drop table draft_given;
