-- +goose Up
-- What the starter data last wrote into a row, as a digest of it. A row whose content has another digest now
-- was changed by who runs the portal, and the starter leaves it alone. Null: the starter never wrote it.
alter table agency add column starter text;
alter table agency_calendar add column starter text;

-- +goose Down
alter table agency_calendar drop column starter;
alter table agency drop column starter;
