-- +goose Up
-- A message to a person about a dossier of a party. What it says comes from the kind and the arguments, in
-- the language of whoever reads it; neither holds personal data.
create table notice (
    id uuid primary key,
    party_id uuid not null,
    person_id uuid not null,
    dossier_code text not null,
    kind text not null,
    args jsonb not null,
    created_at timestamptz not null,
    read_at timestamptz
);
create index notice_party on notice (party_id, id desc);
create index notice_unread on notice (party_id) where read_at is null;

-- The ledger: what became of each message on each channel. A queued row whose next_at has come is due;
-- whoever takes it moves next_at ahead, so that it comes again if that process dies.
create table notice_delivery (
    id uuid primary key,
    notice_id uuid not null references notice,
    channel text not null check (channel in ('mail')),
    state text not null default 'queued' check (state in ('queued', 'sent', 'failed', 'dropped')),
    attempts int not null default 0,
    next_at timestamptz not null,
    last_error text not null default '',
    sent_at timestamptz,
    unique (notice_id, channel)
);
create index notice_delivery_due on notice_delivery (next_at) where state = 'queued';

-- +goose Down
drop table notice_delivery;
drop table notice;
