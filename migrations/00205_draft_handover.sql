-- +goose Up
-- Who goes on with a draft now; null is who began it. Of several people who act for the same organisation one
-- at a time works on a draft, and that person declares what it says.
alter table draft add column acting_id uuid;

-- Each time another person went on with a draft: from whom it came, and by their ids which of its fields were
-- filled in anew and which were emptied. No answer stands here.
create table draft_handover (
    id uuid primary key,
    draft_id uuid not null references draft on delete cascade,
    at timestamptz not null,
    from_id uuid not null,
    to_id uuid not null,
    renewed text[] not null,
    emptied text[] not null
);
create index draft_handover_draft on draft_handover (draft_id, at desc, id desc);

-- +goose Down
drop table draft_handover;
alter table draft drop column acting_id;
