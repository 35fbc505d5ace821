-- +goose Up
-- Which single agencies a version names, so that the search can be narrowed down to one of them: codes of
-- those that receive or decide, "*" and a kind where every agency of the kind does, and what a record from
-- elsewhere calls them. The last comes from the program, with the next import of the record; the others are
-- taken from the definition here.
alter table procedure_version add column bodies text[] not null default '{}';

update procedure_version set bodies = array(
    select jsonb_array_elements_text(case when jsonb_typeof(definition->'received_by'->'agencies') = 'array' then definition->'received_by'->'agencies' else '[]' end)
    union
    select definition->'decided_by'->>'agency' where coalesce(definition->'decided_by'->>'agency', '') <> ''
    union
    select '*' || kind from unnest(receivers) kind
    where not definition ? 'source' and definition->'received_by'->'kinds' ? kind);

-- +goose Down
alter table procedure_version drop column bodies;
