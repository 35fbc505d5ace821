-- +goose Up
-- What lists and filters read of a version, so that they need not open its whole definition. The field's
-- code, the audiences and the receivers come from the program, which knows more ways to name a field than
-- this can; what it has not filled in yet is taken from the definition here.
alter table procedure_version
    add column field text not null default '',
    add column audience text[] not null default '{}',
    add column receivers text[] not null default '{}',
    add column level text not null generated always as (coalesce(definition->>'level', '')) stored,
    add column name_folded text not null generated always as (unaccented(lower(coalesce(definition->'name'->>'vi', '')))) stored,
    add column english_folded text not null generated always as (unaccented(lower(coalesce(definition->'name'->>'en', '')))) stored,
    add column listing jsonb not null generated always as (definition
        - '{requirements,steps,conditions,results,basis,provisional,notes,keywords,source}'::text[]) stored;

update procedure_version set
    field = coalesce(nullif(definition->'field'->>'code', ''),
        trim('_' from regexp_replace(unaccented(lower(coalesce(definition->'field'->'name'->>'vi', ''))), '[^a-z0-9]+', '_', 'g'))),
    audience = case when jsonb_typeof(definition->'audience') = 'array'
        then array(select jsonb_array_elements_text(definition->'audience')) else '{}' end,
    receivers = case when jsonb_typeof(definition->'received_by'->'kinds') = 'array'
        then array(select jsonb_array_elements_text(definition->'received_by'->'kinds')) else '{}' end;

create index procedure_version_field on procedure_version (field);

-- +goose Down
drop index procedure_version_field;
alter table procedure_version drop column field, drop column audience, drop column receivers, drop column level,
    drop column name_folded, drop column english_folded, drop column listing;
