-- +goose Up
-- Within which time a one-stop system acknowledges what it was told, as the province has agreed with it. A
-- system that answers 2xx to everything and takes nothing is seen by that.
alter table connection add column acknowledge_within interval not null default '1 hour'
    check (acknowledge_within between interval '1 minute' and interval '30 days');

-- Few at any time: what its one-stop system has not acknowledged.
create index dossier_unacknowledged on dossier (receiving_agency_id) where sync_status <> 'acknowledged';

-- +goose Down
drop index dossier_unacknowledged;
alter table connection drop column acknowledge_within;
