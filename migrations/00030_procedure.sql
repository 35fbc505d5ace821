-- +goose Up
create table procedure (
    code text primary key,
    created_at timestamptz not null default now()
);

-- One version of the law about a procedure. It is immutable but for its state and the day of its end: a
-- dossier keeps the version that it was submitted under. effective_to is the first day on which it no longer
-- applies.
create table procedure_version (
    id uuid primary key,
    code text not null references procedure,
    number int not null check (number > 0),
    state text not null check (state in ('draft', 'published', 'closed')),
    effective_from date not null,
    effective_to date check (effective_to >= effective_from),
    definition jsonb not null,
    form bytea,
    form_hash text not null,
    content_hash text not null,
    search_text text not null,
    search tsvector not null,
    created_at timestamptz not null default now(),
    unique (code, number)
);
create index procedure_version_in_force on procedure_version (code, effective_from desc, number desc);
create index procedure_version_search on procedure_version using gin (search);
create index procedure_version_trigram on procedure_version using gin (search_text gin_trgm_ops);

-- +goose StatementBegin
create function procedure_version_keeps() returns trigger language plpgsql as $$
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
create trigger procedure_version_keeps before update on procedure_version
    for each row execute function procedure_version_keeps();

-- +goose Down
drop table procedure_version;
drop function procedure_version_keeps();
drop table procedure;
