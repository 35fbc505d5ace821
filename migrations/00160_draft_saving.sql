-- +goose Up
-- What became of each save that a page's script sent. The same operation sent again is answered from here;
-- the answer is sealed, since it may hold values.
create table draft_operation (
    draft_id uuid not null references draft on delete cascade,
    operation text not null,
    answer_sealed bytea not null,
    at timestamptz not null,
    primary key (draft_id, operation)
);
create index draft_operation_at on draft_operation (at);

-- A draft is kept so many days after its last change, by the rule that held when it was begun; its person is
-- warned before.
alter table draft add column kept_days int not null default 90 check (kept_days > 0);
alter table draft add column warned_at timestamptz;

-- One browser of one person: what it keeps while it cannot save is sealed to the public half; the private
-- half is given to that person only.
create table device (
    id uuid primary key,
    person_id uuid not null references party,
    public bytea not null,
    private_sealed bytea not null,
    created_at timestamptz not null
);
create index device_person on device (person_id, created_at);

-- +goose Down
drop table device;
alter table draft drop column warned_at;
alter table draft drop column kept_days;
drop table draft_operation;
