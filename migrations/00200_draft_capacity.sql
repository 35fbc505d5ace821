-- +goose Up
-- In what capacity a person files under a procedure that is not for citizens. Empty where it is not asked.
alter table draft add column capacity text not null default '';

-- +goose Down
alter table draft drop column capacity;
