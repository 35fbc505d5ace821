-- +goose Up
-- A notice may be about a draft, which has no code yet; dossier_code is empty then.
alter table notice add column draft_id uuid references draft;

-- +goose Down
alter table notice drop column draft_id;
