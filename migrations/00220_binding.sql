-- +goose Up
-- Of each row that decides who may see or act: a keyed hash over what decides it (services/binding), which
-- only the portal can make. Null is a row of before; it counts while the window is open.
alter table dossier_revision add column mark bytea;
alter table dossier add column mark bytea;
alter table draft add column mark bytea;
alter table draft_handover add column mark bytea;
alter table dossier_access add column mark bytea;
alter table attachment add column mark bytea;
alter table result add column mark bytea;
alter table slip add column mark bytea;
alter table account add column mark bytea;
alter table mandate add column mark bytea;
alter table connection add column mark bytea;
alter table connection_key add column mark bytea;
alter table connection_agency add column mark bytea;

-- Until when rows without a mark count. No row: they do not. Sealed, so that only the portal can open it.
create table binding_window (
    one boolean primary key default true check (one),
    sealed bytea not null
);

-- The second version of a history's rows also says whose the dossier was and which agencies had it; null in
-- rows of the first version. It is json, since the hash is over its very text.
alter table dossier_history add column bound json;

-- A program of before the marks leaves them as they are when it changes a row. Then the row has none, as if
-- that program had made it.
-- +goose StatementBegin
create function binding_outdated() returns trigger language plpgsql as $$
begin
    new.mark := null;
    return new;
end
$$;
-- +goose StatementEnd
create trigger dossier_binding before update of code, draft_id, owner_party_id, submitted_by, receiving_agency_id, deciding_agency_id on dossier for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.code, old.draft_id, old.owner_party_id, old.submitted_by, old.receiving_agency_id, old.deciding_agency_id) is distinct from (new.code, new.draft_id, new.owner_party_id, new.submitted_by, new.receiving_agency_id, new.deciding_agency_id))
    execute function binding_outdated();
create trigger draft_binding before update of party_id, person_id, acting_id, dossier_id, frozen_by on draft for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.party_id, old.person_id, old.acting_id, old.dossier_id, old.frozen_by) is distinct from (new.party_id, new.person_id, new.acting_id, new.dossier_id, new.frozen_by))
    execute function binding_outdated();
create trigger account_binding before update of issuer, subject_index, person_id, organisation_id on account for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.issuer, old.subject_index, old.person_id, old.organisation_id) is distinct from (new.issuer, new.subject_index, new.person_id, new.organisation_id))
    execute function binding_outdated();
create trigger mandate_binding before update of person_id, party_id, asserted_at, ground, ended_at on mandate for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.person_id, old.party_id, old.asserted_at, old.ground, old.ended_at) is distinct from (new.person_id, new.party_id, new.asserted_at, new.ground, new.ended_at))
    execute function binding_outdated();
create trigger connection_binding before update of code, endpoint, active on connection for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.code, old.endpoint, old.active) is distinct from (new.code, new.endpoint, new.active))
    execute function binding_outdated();
create trigger connection_key_binding before update of connection_id, hash, scopes, revoked_at on connection_key for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.connection_id, old.hash, old.scopes, old.revoked_at) is distinct from (new.connection_id, new.hash, new.scopes, new.revoked_at))
    execute function binding_outdated();
create trigger connection_agency_binding before update of connection_id, agency_id, valid_from, valid_to on connection_agency for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.connection_id, old.agency_id, old.valid_from, old.valid_to) is distinct from (new.connection_id, new.agency_id, new.valid_from, new.valid_to))
    execute function binding_outdated();

-- A revision of before gets its mark; nothing else of it changes, ever.
-- +goose StatementBegin
create function dossier_revision_only_marked() returns trigger language plpgsql as $$
begin
    if old.mark is null and (old.dossier_id, old.number, old.body, old.sha256, old.person_id, old.created_at)
        is not distinct from (new.dossier_id, new.number, new.body, new.sha256, new.person_id, new.created_at) then
        return new;
    end if;
    raise exception '% is a record: it is neither changed nor deleted', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
-- +goose StatementEnd
drop trigger dossier_revision_keeps on dossier_revision;
create trigger dossier_revision_keeps before delete on dossier_revision
    for each row execute function dossier_record_keeps();
create trigger dossier_revision_only_marked before update on dossier_revision
    for each row execute function dossier_revision_only_marked();

-- +goose Down
drop trigger dossier_revision_only_marked on dossier_revision;
drop trigger dossier_revision_keeps on dossier_revision;
create trigger dossier_revision_keeps before update or delete on dossier_revision
    for each row execute function dossier_record_keeps();
drop function dossier_revision_only_marked();
drop trigger dossier_binding on dossier;
drop trigger draft_binding on draft;
drop trigger account_binding on account;
drop trigger mandate_binding on mandate;
drop trigger connection_binding on connection;
drop trigger connection_key_binding on connection_key;
drop trigger connection_agency_binding on connection_agency;
drop function binding_outdated();
alter table dossier_history drop column bound;
drop table binding_window;
alter table dossier_revision drop column mark;
alter table dossier drop column mark;
alter table draft drop column mark;
alter table draft_handover drop column mark;
alter table dossier_access drop column mark;
alter table attachment drop column mark;
alter table result drop column mark;
alter table slip drop column mark;
alter table account drop column mark;
alter table mandate drop column mark;
alter table connection drop column mark;
alter table connection_key drop column mark;
alter table connection_agency drop column mark;
