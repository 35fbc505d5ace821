-- +goose Up
-- That the portal took a file off its draft: a keyed hash over the row and the instant. Null in a row that
-- nobody removed, or that a program of before did.
alter table attachment add column removal bytea;

-- Every file that a revision or a result names, since it was filed or delivered. Rows are only added, so that
-- whoever can change what the other tables say of a file cannot have the portal delete it.
create table filed_file (
    file_id text primary key
);
create trigger filed_file_keeps before update or delete on filed_file
    for each row execute function dossier_record_keeps();
create trigger filed_file_keeps_all before truncate on filed_file
    for each statement execute function dossier_record_keeps();

insert into filed_file (file_id)
select a.file_id from attachment a join draft d on d.id = a.draft_id where d.state = 'submitted' and a.state = 'kept'
union select file_id from result;

-- A program of before files without naming its files here.
-- +goose StatementBegin
create function draft_filed() returns trigger language plpgsql as $$
begin
    insert into filed_file (file_id)
    select file_id from attachment where draft_id = new.id and state = 'kept' on conflict do nothing;
    return null;
end
$$;
create function result_filed() returns trigger language plpgsql as $$
begin
    insert into filed_file (file_id) values (new.file_id) on conflict do nothing;
    return null;
end
$$;
-- +goose StatementEnd
create trigger draft_filed after update of state on draft for each row
    when (new.state = 'submitted' and old.state <> 'submitted') execute function draft_filed();
create trigger result_filed after insert on result for each row execute function result_filed();

-- A draft that was filed stays filed, as what it became.
create trigger draft_filed_stays before update on draft for each row
    when (old.state = 'submitted' and (old.state, old.dossier_id, old.revision) is distinct from (new.state, new.dossier_id, new.revision))
    execute function dossier_record_keeps();

-- Its files are not taken off any more, and no row of a file that was filed goes, in whichever draft. Who
-- migrates owns the table and can switch this off, where a court or the law of personal data asks for it.
-- +goose StatementBegin
create function attachment_filed_stays() returns trigger language plpgsql as $$
begin
    if tg_op = 'DELETE' then
        if not exists (select from filed_file where file_id = old.file_id) then
            return old;
        end if;
    elsif not exists (select from draft where id = old.draft_id and state = 'submitted') then
        return new;
    end if;
    raise exception '% of what was filed is a record: it is neither changed nor deleted', tg_table_name using errcode = 'integrity_constraint_violation';
end
$$;
-- +goose StatementEnd
create trigger attachment_filed_stays before update of state, removed_at on attachment for each row
    when ((old.state, old.removed_at) is distinct from (new.state, new.removed_at)) execute function attachment_filed_stays();
create trigger attachment_filed_keeps before delete on attachment for each row execute function attachment_filed_stays();

-- +goose Down
drop trigger attachment_filed_keeps on attachment;
drop trigger attachment_filed_stays on attachment;
drop function attachment_filed_stays();
drop trigger draft_filed_stays on draft;
drop trigger result_filed on result;
drop trigger draft_filed on draft;
drop function result_filed();
drop function draft_filed();
drop table filed_file;
alter table attachment drop column removal;
