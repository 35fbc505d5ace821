-- +goose Up
-- One row for each call of a one-stop system that changed something: the same key again gets the same answer.
create table office_call (
    connection_id uuid not null references connection (id),
    idempotency_key text not null check (length(idempotency_key) between 1 and 200),
    request_hash bytea not null,
    answer bytea,
    created_at timestamptz not null,
    primary key (connection_id, idempotency_key)
);
create index office_call_age on office_call (created_at);

-- +goose Down
drop table office_call;
