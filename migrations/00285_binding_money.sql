-- +goose Up
-- What is owed and paid has marks too.
alter table payment_quote add column mark bytea;
alter table payment_attempt add column mark bytea;
alter table payment_fact add column mark bytea;
alter table payment_refund add column mark bytea;
alter table receipt add column mark bytea;

-- Until when rows of the tables whose marks an upgrade brought count without one, and which these are. No row:
-- they do not. Sealed, as binding_window is.
create table binding_upgrade (
    one boolean primary key default true check (one),
    sealed bytea not null
);

-- Marks of drafts are over more columns than before.
drop trigger draft_binding on draft;
create trigger draft_binding before update of party_id, person_id, acting_id, dossier_id, frozen_by, receiving_agency_id, procedure_version_id, quote_id, procedure_code, case_id, capacity, state, revision, supplement on draft for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.party_id, old.person_id, old.acting_id, old.dossier_id, old.frozen_by, old.receiving_agency_id, old.procedure_version_id, old.quote_id, old.procedure_code, old.case_id, old.capacity, old.state, old.revision, old.supplement) is distinct from (new.party_id, new.person_id, new.acting_id, new.dossier_id, new.frozen_by, new.receiving_agency_id, new.procedure_version_id, new.quote_id, new.procedure_code, new.case_id, new.capacity, new.state, new.revision, new.supplement))
    execute function binding_outdated();
create trigger payment_quote_binding before update of voided_at on payment_quote for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and old.voided_at is distinct from new.voided_at)
    execute function binding_outdated();
create trigger receipt_binding before update of voided_at on receipt for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and old.voided_at is distinct from new.voided_at)
    execute function binding_outdated();
create trigger payment_attempt_binding before update of quote_id, channel, session_ref, session_url on payment_attempt for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.quote_id, old.channel, old.session_ref, old.session_url) is distinct from (new.quote_id, new.channel, new.session_ref, new.session_url))
    execute function binding_outdated();

-- +goose StatementBegin
create or replace function payment_is_fixed() returns trigger language plpgsql as $$
begin
    -- The changes that such a row knows are to be voided, once, and a row of before to be given its mark.
    if tg_op = 'UPDATE' and tg_table_name in ('payment_quote', 'receipt')
        and to_jsonb(old) - 'voided_at' - 'mark' = to_jsonb(new) - 'voided_at' - 'mark'
        and to_jsonb(old) ->> 'voided_at' is null and to_jsonb(new) ->> 'voided_at' is not null then
        return new;
    end if;
    if tg_op = 'UPDATE' and to_jsonb(old) - 'mark' = to_jsonb(new) - 'mark' and old.mark is null then
        return new;
    end if;
    raise exception '% rows are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd

-- +goose Down
-- +goose StatementBegin
create or replace function payment_is_fixed() returns trigger language plpgsql as $$
begin
    -- The one change that a quote or a receipt knows is to be voided, once.
    if tg_op = 'UPDATE' and tg_table_name in ('payment_quote', 'receipt')
        and to_jsonb(old) - 'voided_at' = to_jsonb(new) - 'voided_at' and to_jsonb(old) ->> 'voided_at' is null then
        return new;
    end if;
    raise exception '% rows are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd
drop trigger draft_binding on draft;
drop trigger payment_attempt_binding on payment_attempt;
drop trigger receipt_binding on receipt;
drop trigger payment_quote_binding on payment_quote;
create trigger draft_binding before update of party_id, person_id, acting_id, dossier_id, frozen_by on draft for each row
    when (old.mark is not null and new.mark is not distinct from old.mark and (old.party_id, old.person_id, old.acting_id, old.dossier_id, old.frozen_by) is distinct from (new.party_id, new.person_id, new.acting_id, new.dossier_id, new.frozen_by))
    execute function binding_outdated();
drop table binding_upgrade;
alter table payment_quote drop column mark;
alter table payment_attempt drop column mark;
alter table payment_fact drop column mark;
alter table payment_refund drop column mark;
alter table receipt drop column mark;
