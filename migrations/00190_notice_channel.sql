-- +goose Up
-- Which channels there are is said by the program that opens them. A program of before this knows mail only
-- and would mail what is queued for another channel: the first other one is opened when every program claims
-- by channel.
alter table notice_delivery drop constraint notice_delivery_channel_check;
-- no_address: the person gave no address for this channel.
alter table notice_delivery drop constraint notice_delivery_state_check;
alter table notice_delivery add constraint notice_delivery_state_check
    check (state in ('queued', 'sent', 'failed', 'dropped', 'no_address'));

-- +goose Down
delete from notice_delivery where channel <> 'mail';
update notice_delivery set state = 'dropped' where state = 'no_address';
alter table notice_delivery drop constraint notice_delivery_state_check;
alter table notice_delivery add constraint notice_delivery_state_check
    check (state in ('queued', 'sent', 'failed', 'dropped'));
alter table notice_delivery add constraint notice_delivery_channel_check check (channel in ('mail'));
