-- +goose Up
-- Who has read a notice: each person who acts for the party has marks of their own.
create table notice_read (
    notice_id uuid not null references notice on delete cascade,
    person_id uuid not null,
    read_at timestamptz not null,
    primary key (notice_id, person_id)
);

-- Who may act for a party now, in the order in which it was last confirmed.
create index mandate_of_party on mandate (party_id, confirmed_at desc) where ended_at is null;

-- +goose Down
drop index mandate_of_party;
drop table notice_read;
