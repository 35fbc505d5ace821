-- +goose Up
-- Whoever leads a procedure to another agency, or makes an agency another one, gives every next dossier away:
-- both have marks.
alter table procedure_version add column mark bytea;
alter table agency add column mark bytea;
create trigger procedure_version_binding before update of code, number, state, effective_from, effective_to, successor, definition, form, form_hash on procedure_version for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.code, old.number, old.state, old.effective_from, old.effective_to, old.successor, old.definition, old.form, old.form_hash) is distinct from (new.code, new.number, new.state, new.effective_from, new.effective_to, new.successor, new.definition, new.form, new.form_hash))
    execute function binding_outdated();
create trigger agency_binding before update of code, qcvn, unit_code, kind, parent_id, name, address, phone, valid_from, valid_to on agency for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.code, old.qcvn, old.unit_code, old.kind, old.parent_id, old.name, old.address, old.phone, old.valid_from, old.valid_to) is distinct from (new.code, new.qcvn, new.unit_code, new.kind, new.parent_id, new.name, new.address, new.phone, new.valid_from, new.valid_to))
    execute function binding_outdated();

-- +goose Down
drop trigger agency_binding on agency;
drop trigger procedure_version_binding on procedure_version;
alter table agency drop column mark;
alter table procedure_version drop column mark;
