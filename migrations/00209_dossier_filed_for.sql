-- +goose Up
-- What a person handed in for others: they may see who read it even when they no longer act for its owner.
create index dossier_filed_for on dossier (submitted_by, submitted_at desc, id desc)
    where submitted_by <> owner_party_id;

alter table dossier_access validate constraint dossier_access_times;
alter table dossier_access validate constraint dossier_access_of;

-- +goose Down
drop index dossier_filed_for;
