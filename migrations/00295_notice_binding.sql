-- +goose Up
-- For whom a notice is, of what, and what it says (services/binding). A delivery leads to nobody by itself.
alter table notice add column mark bytea;

-- +goose Down
alter table notice drop column mark;
