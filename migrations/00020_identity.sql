-- +goose Up
-- Parties: who deals with the portal, and who may act for whom. Nothing here names anybody in clear: what a
-- party is called is sealed, and what it is found by is a keyed index.

create table party (
    id           uuid primary key,
    kind         text not null check (kind in ('person', 'organisation')),
    sealed       bytea not null, -- JSON of name, number and profile, bound to "party/" and the id
    number_index bytea not null, -- blind index of the identity number or tax code
    created_at   timestamptz not null,
    updated_at   timestamptz not null,
    constraint party_number unique (kind, number_index)
);

-- An account is what an identity provider knows a person by. Its subject is indexed because a provider may
-- use the identity number for it.
create table account (
    issuer          text not null,
    subject_index   bytea not null,
    person_id       uuid not null references party,
    organisation_id uuid references party, -- set while the account is an organisation's
    assurance       int not null,
    first_login_at  timestamptz not null,
    last_login_at   timestamptz not null,
    primary key (issuer, subject_index)
);
create index account_person on account (person_id);

create table mandate (
    person_id    uuid not null references party,
    party_id     uuid not null references party,
    ground       text not null check (ground in ('login')), -- login: the provider said so
    asserted_at  timestamptz not null, -- first
    confirmed_at timestamptz not null, -- last
    ended_at     timestamptz,
    primary key (person_id, party_id, asserted_at),
    check (person_id <> party_id),
    check (ended_at >= asserted_at)
);
create unique index mandate_live on mandate (person_id, party_id) where ended_at is null;

-- +goose Down
drop table mandate;
drop table account;
drop table party;
