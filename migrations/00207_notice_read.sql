-- +goose Up
-- Who has read a notice: each person who acts for the party has marks of their own.
create table notice_read (
    notice_id uuid not null references notice on delete cascade,
    person_id uuid not null,
    read_at timestamptz not null,
    primary key (notice_id, person_id)
);

-- A mark was for all who act for the party, so each of them keeps it. notice.read_at is not used any more; it
-- stays for programs of before this.
insert into notice_read (notice_id, person_id, read_at)
select n.id, p.person_id, n.read_at
from notice n
cross join lateral (
    select n.person_id
    union
    select m.person_id from mandate m where m.party_id = n.party_id and m.ended_at is null
) p
where n.read_at is not null;

-- +goose Down
update notice n set read_at = coalesce(n.read_at, r.read_at)
from (select notice_id, min(read_at) as read_at from notice_read group by notice_id) r where r.notice_id = n.id;
drop table notice_read;
