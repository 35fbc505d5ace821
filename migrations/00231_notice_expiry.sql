-- +goose Up
-- Until when it makes sense to send a notice; null in rows of programs of before this.
alter table notice_delivery add column expires_at timestamptz;
alter table notice_delivery drop constraint notice_delivery_state_check;
-- refused: the other side will never take it. expired: it could not be sent as long as it made sense. Programs of
-- before this write dropped and failed for the two.
alter table notice_delivery add constraint notice_delivery_state_check
    check (state in ('queued', 'sent', 'refused', 'expired', 'no_address', 'dropped', 'failed'));
update notice_delivery set state = 'refused' where state = 'dropped';
update notice_delivery set state = 'expired' where state = 'failed';

-- +goose Down
update notice_delivery set state = 'dropped' where state = 'refused';
update notice_delivery set state = 'failed' where state = 'expired';
alter table notice_delivery drop constraint notice_delivery_state_check;
alter table notice_delivery add constraint notice_delivery_state_check
    check (state in ('queued', 'sent', 'failed', 'dropped', 'no_address'));
alter table notice_delivery drop column expires_at;
