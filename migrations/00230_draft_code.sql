-- +goose Up
-- The code that was drawn for a draft, so that whoever files it, called from wherever and however often, draws
-- one between them. It is kept until the draft is filed, and used again on its day.
alter table draft add column drawn_code text;

-- +goose Down
alter table draft drop column drawn_code;
