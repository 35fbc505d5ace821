-- +goose Up
-- The page's own post: what its script sent before it and arrives late has been said again by it.
alter table draft_operation add column posted boolean not null default false;

-- +goose Down
alter table draft_operation drop column posted;
