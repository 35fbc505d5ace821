-- +goose Up
-- A one-stop system that serves agencies. An empty endpoint means that it only pulls.
create table connection (
    id uuid primary key,
    code text not null unique check (code ~ '^[a-z0-9]+(-[a-z0-9]+)*$' and length(code) <= 40),
    name text not null,
    endpoint text not null default '',
    secrets_sealed bytea not null,
    active boolean not null default true,
    created_at timestamptz not null
);

alter table connection_agency add constraint connection_agency_connection
    foreign key (connection_id) references connection;

create table connection_key (
    id uuid primary key,
    connection_id uuid not null references connection,
    hash bytea not null unique,
    prefix text not null,
    scopes text[] not null check (scopes <@ array['read', 'write', 'feed'] and scopes <> '{}'),
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
);
create index connection_key_connection on connection_key (connection_id, created_at);

-- The head of each connection's log, apart from the connection's other state so that only the sequencer
-- writes it.
create table connection_head (
    connection_id uuid primary key references connection,
    position bigint not null default 0,
    incarnation text not null
);

-- How far the log has been pushed, how the endpoint fares, and which process pushes now. Every event up to
-- "pushed" was delivered or has a row in event_push.
create table connection_push (
    connection_id uuid primary key references connection,
    pushed bigint not null default 0,
    failures int not null default 0,
    paused_until timestamptz,
    last_success_at timestamptz,
    holder uuid,
    lease_until timestamptz
);

-- The log. The id is drawn while the dossier's row is locked, so that ids of one dossier are in the order of
-- its commits; the position is given after the commit, dense per connection. An identity caches no values: a
-- cached range would break the order.
create table event (
    id bigint generated always as identity (cache 1) primary key,
    uid uuid not null,
    connection_id uuid not null references connection,
    dossier_id uuid not null references dossier,
    type text not null,
    data jsonb not null,
    created_at timestamptz not null,
    position bigint,
    unique (connection_id, position)
);
create index event_unnumbered on event (id) where position is null;
create index event_dossier on event (dossier_id, id);

-- Events that did not go out at once: they wait for their next attempt, or behind an earlier event of their
-- dossier.
create table event_push (
    event_id bigint primary key references event,
    connection_id uuid not null references connection,
    dossier_id uuid not null references dossier,
    position bigint not null,
    state text not null check (state in ('pending', 'delivered', 'parked')),
    blame text not null default '' check (blame in ('', 'endpoint', 'event')),
    attempts int not null default 0,
    first_failed_at timestamptz,
    next_at timestamptz not null,
    delivered_at timestamptz
);
create index event_push_due on event_push (connection_id, next_at, position) where state = 'pending';
create index event_push_open on event_push (connection_id, dossier_id, position) where state <> 'delivered';
create index event_push_parked on event_push (connection_id, position) where state = 'parked';

create table push_attempt (
    id bigint generated always as identity primary key,
    connection_id uuid not null references connection,
    event_id bigint not null references event,
    at timestamptz not null,
    status int not null,
    error text not null,
    took_ms int not null
);
create index push_attempt_connection on push_attempt (connection_id, id);
create index push_attempt_event on push_attempt (event_id, id);

-- +goose Down
drop table push_attempt;
drop table event_push;
drop table event;
drop table connection_push;
drop table connection_head;
drop table connection_key;
alter table connection_agency drop constraint connection_agency_connection;
drop table connection;
