-- +goose Up
-- The order in which one-stop systems list dossiers: by their last change, which is whatever raises row_version.
-- `changed` is the number of the transaction that made it. No clock and no sequence would do, since transactions
-- commit in another order than they begin: of transaction numbers the database tells below which all have ended.
-- 0 is a row of before; `changed_at` is then when this was added.
alter table dossier add column changed bigint not null default 0;
alter table dossier add column changed_at timestamptz not null default now();

-- +goose StatementBegin
create function dossier_changes() returns trigger language plpgsql as $$
begin
    new.changed := pg_current_xact_id()::text::bigint;
    new.changed_at := clock_timestamp();
    return new;
end
$$;
-- +goose StatementEnd
create trigger dossier_begins before insert on dossier for each row execute function dossier_changes();
create trigger dossier_changes before update on dossier for each row
    when (new.row_version <> old.row_version) execute function dossier_changes();

-- Included columns change only with row_version, so that they make no further entries.
create index dossier_received_by on dossier (receiving_agency_id, changed, id) include (status);
create index dossier_open_received_by on dossier (receiving_agency_id, changed, id)
    where status in ('submitted', 'received', 'supplement', 'payment', 'processing', 'confirming');
create index dossier_decided_by on dossier (deciding_agency_id, changed, id) include (status, receiving_agency_id)
    where deciding_agency_id <> receiving_agency_id;

-- +goose Down
drop index dossier_decided_by;
drop index dossier_open_received_by;
drop index dossier_received_by;
drop trigger dossier_changes on dossier;
drop trigger dossier_begins on dossier;
drop function dossier_changes();
alter table dossier drop column changed_at;
alter table dossier drop column changed;
