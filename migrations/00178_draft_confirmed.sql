-- +goose Up
-- Which warnings of a draft its person has confirmed. Each is named with the answers that it was confirmed
-- for, so the list is sealed.
alter table draft add column confirmed_sealed bytea;

-- +goose Down
alter table draft drop column confirmed_sealed;
