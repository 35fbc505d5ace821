-- +goose Up
create table agency_calendar (
    name text primary key,
    definition jsonb not null,
    updated_at timestamptz not null default now()
);

-- An authority over time. Merged, renamed or moved below another parent it ends here and begins again as
-- another row: valid_to is the first day on which the row no longer holds.
create table agency (
    id uuid primary key,
    code text not null check (code ~ '^[0-9A-Z]+([.][0-9A-Z]+)*$' and length(code) <= 35),
    qcvn text not null default '',
    unit_code text not null default '' check (unit_code ~ '^([0-9]{5})?$'),
    name jsonb not null,
    kind text not null check (kind in ('province', 'department', 'commune')),
    parent_id uuid references agency,
    address jsonb not null default '{}',
    phone text not null default '',
    calendar text not null references agency_calendar,
    provisional jsonb not null default '{}',
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    unique (code, valid_from)
);
create index agency_kind on agency (kind, valid_from);

-- Which one-stop system serves an agency, over time: at most one on any day.
create table connection_agency (
    connection_id uuid not null,
    agency_id uuid not null references agency,
    valid_from date not null,
    valid_to date check (valid_to >= valid_from),
    primary key (connection_id, agency_id, valid_from)
);
create unique index connection_agency_open on connection_agency (agency_id) where valid_to is null;
create index connection_agency_agency on connection_agency (agency_id, valid_from);

-- +goose Down
drop table connection_agency;
drop table agency;
drop table agency_calendar;
