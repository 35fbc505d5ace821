-- +goose Up
-- The mark of a result is over everything that verification tells; a file that came before its result has one.
alter table result_waiting add column mark bytea;
create trigger result_binding before update of dossier_id, code, file_id, sha256, size, kind, name, number, issued_on, signer, state, superseded_by, reason, created_at, ended_at on result for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.dossier_id, old.code, old.file_id, old.sha256, old.size, old.kind, old.name, old.number, old.issued_on, old.signer, old.state, old.superseded_by, old.reason, old.created_at, old.ended_at) is distinct from (new.dossier_id, new.code, new.file_id, new.sha256, new.size, new.kind, new.name, new.number, new.issued_on, new.signer, new.state, new.superseded_by, new.reason, new.created_at, new.ended_at))
    execute function binding_outdated();

-- +goose Down
drop trigger result_binding on result;
alter table result_waiting drop column mark;
