-- +goose Up
-- A supplement's draft ends with its own deadline.
update draft set expires_at = (supplement ->> 'deadline')::timestamptz where revision > 1 and state = 'editing';

-- +goose Down
select; -- a draft that ends with its deadline is right before, too
