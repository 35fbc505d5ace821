-- +goose Up
-- What a person is writing. It becomes revision `revision` of a dossier: 1 of a new one, later ones of the
-- dossier that asked for a supplement.
create table draft (
    id uuid primary key,
    party_id uuid not null,
    person_id uuid not null,
    procedure_version_id uuid not null references procedure_version,
    procedure_code text not null,
    case_id text not null,
    receiving_agency_id uuid references agency,
    lang text not null,
    state text not null default 'editing' check (state in ('editing', 'frozen', 'submitted', 'discarded')),
    dossier_id uuid,
    revision int not null check (revision > 0),
    supplement jsonb,
    reasons_sealed bytea,
    frozen_body bytea,
    frozen_at timestamptz,
    frozen_by uuid,
    quote_id uuid,
    created_at timestamptz not null,
    updated_at timestamptz not null,
    expires_at timestamptz not null,
    check ((revision = 1) = (supplement is null)),
    check (state <> 'frozen' or (frozen_body is not null and frozen_at is not null and frozen_by is not null)),
    check (state <> 'submitted' or dossier_id is not null)
);
create index draft_own on draft (party_id, updated_at desc) where state in ('editing', 'frozen');
create index draft_expiring on draft (expires_at) where state = 'editing';
create index draft_discarded on draft (updated_at) where state = 'discarded';
create index draft_of_dossier on draft (dossier_id) where dossier_id is not null;
-- A dossier has one open supplement at a time, however often its page is opened.
create unique index draft_supplement on draft (dossier_id) where state in ('editing', 'frozen') and dossier_id is not null;

create table draft_field (
    draft_id uuid not null references draft on delete cascade,
    field text not null,
    sealed bytea not null,
    revision int not null,
    operation text not null,
    source text not null,
    changed_at timestamptz not null,
    primary key (draft_id, field)
);

-- Code counters are written without waiting for the disk: a number that is lost is found again in `dossier`.
create table code_counter (
    agency_code text not null,
    day date not null,
    next int not null check (next > 0),
    primary key (agency_code, day)
) with (fillfactor = 50);

-- Status '' lasts only between the insert and the first move, within one transaction.
create table dossier (
    id uuid primary key,
    code text collate "C" not null,
    draft_id uuid not null unique references draft,
    procedure_code text not null,
    procedure_version_id uuid not null references procedure_version,
    case_id text not null,
    owner_party_id uuid not null,
    submitted_by uuid not null,
    receiving_agency_id uuid not null references agency,
    deciding_agency_id uuid not null references agency,
    status text not null default '' check (status in ('', 'submitted', 'received', 'refused', 'supplement', 'payment',
        'processing', 'confirming', 'stopped', 'withdrawn', 'completed', 'returned')),
    return_to text check (return_to in ('submitted', 'received', 'processing')),
    delivery_status text not null default 'none' check (delivery_status in ('none', 'ready', 'opened', 'handed_over')),
    sync_status text not null default 'waiting' check (sync_status in ('waiting', 'delivered', 'acknowledged', 'failing', 'parked')),
    payment_status text not null check (payment_status in ('none', 'owed', 'counter_due', 'pending', 'paid', 'refund_due',
        'part_refunded', 'refunded')),
    lang text not null,
    submitted_at timestamptz not null,
    received_at timestamptz,
    due_at timestamptz,
    due_sheet jsonb,
    paused_at timestamptz,
    completed_at timestamptz,
    office_code text,
    row_version bigint not null default 1,
    history_seq int not null default 0,
    history_hash bytea not null default '\x',
    history_seal bytea not null default '\x',
    check ((return_to is not null) = (status in ('supplement', 'payment', 'confirming')))
);
create unique index dossier_code on dossier (code);
create index dossier_own on dossier (owner_party_id, submitted_at desc, id desc);
create index dossier_waiting on dossier (owner_party_id) where status in ('supplement', 'payment', 'confirming');

alter table draft add foreign key (dossier_id) references dossier;

-- The exact bytes that were handed in, sealed; sha256 is over the clear bytes.
create table dossier_revision (
    dossier_id uuid not null references dossier,
    number int not null check (number > 0),
    body bytea not null,
    sha256 bytea not null check (length(sha256) = 32),
    person_id uuid not null,
    created_at timestamptz not null,
    primary key (dossier_id, number)
);

-- What happened, as a chain: each row's hash is over its own columns and the hash before it. actor and data
-- are json, not jsonb, since the hash is over their very text.
create table dossier_history (
    dossier_id uuid not null references dossier,
    seq int not null check (seq > 0),
    at timestamptz not null,
    kind text not null,
    from_status text not null,
    to_status text not null,
    actor_kind text not null check (actor_kind in ('citizen', 'officer', 'portal')),
    actor json not null,
    note_sealed bytea,
    data json not null,
    revision int,
    revision_sha256 bytea,
    prev_hash bytea not null,
    hash bytea not null check (length(hash) = 32),
    primary key (dossier_id, seq),
    foreign key (dossier_id, revision) references dossier_revision
);

-- +goose StatementBegin
create function dossier_record_keeps() returns trigger language plpgsql as $$
begin
    raise exception '% is a record: it is neither changed nor deleted', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
-- +goose StatementEnd
create trigger dossier_revision_keeps before update or delete on dossier_revision
    for each row execute function dossier_record_keeps();
create trigger dossier_revision_keeps_all before truncate on dossier_revision
    for each statement execute function dossier_record_keeps();
create trigger dossier_history_keeps before update or delete on dossier_history
    for each row execute function dossier_record_keeps();
create trigger dossier_history_keeps_all before truncate on dossier_history
    for each statement execute function dossier_record_keeps();

-- Which agency held which role, over time.
create table dossier_agency (
    dossier_id uuid not null references dossier,
    role text not null check (role in ('receiving', 'deciding')),
    agency_id uuid not null references agency,
    from_at timestamptz not null,
    to_at timestamptz check (to_at >= from_at),
    primary key (dossier_id, role, from_at)
);
create unique index dossier_agency_now on dossier_agency (dossier_id, role) where to_at is null;

create table dossier_access (
    id uuid primary key,
    dossier_id uuid not null references dossier,
    at timestamptz not null,
    actor jsonb not null,
    what text not null
);
create index dossier_access_dossier on dossier_access (dossier_id, at desc, id desc);

-- +goose Down
alter table draft drop constraint draft_dossier_id_fkey;
drop table dossier_access;
drop table dossier_agency;
drop table dossier_history;
drop table dossier_revision;
drop function dossier_record_keeps();
drop table dossier;
drop table code_counter;
drop table draft_field;
drop table draft;
