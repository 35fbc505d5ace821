-- +goose Up
-- The rows that are there are looked at later, without keeping readers out: see 00209.
-- A reading is of a dossier or of a draft. What one person reads again within minutes is counted in one row.
alter table dossier_access alter column dossier_id drop not null;
alter table dossier_access add column draft_id uuid references draft on delete cascade;
alter table dossier_access add column times int not null default 1;
alter table dossier_access add constraint dossier_access_times check (times > 0) not valid;
alter table dossier_access add constraint dossier_access_of check (num_nonnulls(dossier_id, draft_id) = 1) not valid;
create index dossier_access_draft on dossier_access (draft_id, at desc, id desc) where draft_id is not null;

-- +goose Down
delete from dossier_access where dossier_id is null;
alter table dossier_access drop constraint dossier_access_of;
drop index dossier_access_draft;
alter table dossier_access drop column times;
alter table dossier_access drop column draft_id;
alter table dossier_access alter column dossier_id set not null;
