-- +goose Up
-- A mark was for all who act for the party, so each of them keeps it. notice.read_at is not used any more; it
-- stays for programs of before this.
insert into notice_read (notice_id, person_id, read_at)
select id, person_id, read_at from notice where read_at is not null;

insert into notice_read (notice_id, person_id, read_at)
select n.id, m.person_id, n.read_at
from notice n join mandate m on m.party_id = n.party_id and m.ended_at is null
where n.read_at is not null
on conflict do nothing;

-- +goose Down
update notice n set read_at = coalesce(n.read_at, r.read_at)
from (select notice_id, min(read_at) as read_at from notice_read group by notice_id) r where r.notice_id = n.id;
delete from notice_read;
