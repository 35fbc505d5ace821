-- +goose Up
-- Which of its procedure's results a result is, by the code in the national catalogue; '' where nobody said.
-- A release before this one says nothing of it.
alter table result add column kind text collate "C" not null default '';
update result r set kind = coalesce(v.definition -> 'results' -> 0 ->> 'code', '')
from dossier d join procedure_version v on v.id = d.procedure_version_id
where d.id = r.dossier_id
    and case jsonb_typeof(v.definition -> 'results') when 'array' then jsonb_array_length(v.definition -> 'results') end = 1;

-- +goose Down
alter table result drop column kind;
