-- +goose Up
-- How often somebody read is counted up, never down.
-- +goose StatementBegin
create function dossier_access_counts_up() returns trigger language plpgsql as $$
begin
    raise exception 'a reading that was recorded is not taken back' using errcode = 'integrity_constraint_violation';
end
$$;
-- +goose StatementEnd
create trigger dossier_access_counts_up before update of times on dossier_access for each row
    when (new.times < old.times) execute function dossier_access_counts_up();

-- +goose Down
drop trigger dossier_access_counts_up on dossier_access;
drop function dossier_access_counts_up();
