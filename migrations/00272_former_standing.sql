-- +goose Up
-- How a dossier stood when another one-stop system took the place of one that had acknowledged it: what that
-- one goes on reading, and nothing later. Sealed for its row. Null in rows of before.
alter table dossier_former_connection add column standing_sealed bytea;

-- +goose Down
alter table dossier_former_connection drop column standing_sealed;
