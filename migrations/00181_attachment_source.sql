-- +goose Up
-- The document that the portal held already and that the file was copied from; null for one that was sent.
alter table attachment add column source jsonb;

-- +goose Down
alter table attachment drop column source;
