-- +goose Up
create extension if not exists btree_gist with schema public;

-- A version ends where the next one begins, also where that was left open until now.
update procedure_version v
set state = 'closed', effective_to = greatest(v.effective_from, n.next)
from (
    select id, lead(effective_from) over (partition by code order by effective_from, number) as next
    from procedure_version
    where state <> 'draft' and (effective_to is null or effective_to > effective_from)
) n
where n.id = v.id and n.next is not null and (v.effective_to is null or v.effective_to > n.next);

-- successor is the procedure that takes the place of one that has ended. origin says who brought a version
-- in: the program, the national database, or who runs the portal. What they brought in the program does not
-- set back.
alter table procedure_version
    add column successor text references procedure,
    add column origin text not null default 'starter' check (origin in ('starter', 'national', 'operator')),
    add constraint procedure_version_successor check (successor is null or successor <> code and state = 'closed'),
    add constraint procedure_version_once exclude using gist
        (code with =, daterange(effective_from, effective_to) with &&) where (state <> 'draft');
update procedure_version set origin = 'national' where definition ? 'source';

-- A draft may still change; a published version is immutable but for its end, and no state is taken back.
-- +goose StatementBegin
create or replace function procedure_version_keeps() returns trigger language plpgsql as $$
begin
    if old.state <> 'draft' and
       (new.id, new.code, new.number, new.effective_from, new.definition, new.form, new.form_hash, new.content_hash)
        is distinct from
       (old.id, old.code, old.number, old.effective_from, old.definition, old.form, old.form_hash, old.content_hash) then
        raise exception 'a procedure version does not change';
    end if;
    if array_position(array['draft', 'published', 'closed'], new.state)
        < array_position(array['draft', 'published', 'closed'], old.state) then
        raise exception 'a procedure version does not go back from % to %', old.state, new.state;
    end if;
    return new;
end
$$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function procedure_version_keeps() returns trigger language plpgsql as $$
begin
    if (new.id, new.code, new.number, new.effective_from, new.definition, new.form, new.form_hash, new.content_hash)
        is distinct from
       (old.id, old.code, old.number, old.effective_from, old.definition, old.form, old.form_hash, old.content_hash) then
        raise exception 'a procedure version does not change';
    end if;
    return new;
end
$$;
-- +goose StatementEnd
alter table procedure_version
    drop constraint procedure_version_once,
    drop constraint procedure_version_successor,
    drop column origin,
    drop column successor;
drop extension btree_gist;
