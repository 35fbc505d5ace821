-- +goose Up
-- What is owed, for what, by which law. A quote never changes; it can only stop being the one to pay.
create table payment_quote (
    id uuid primary key,
    draft_id uuid not null references draft,
    party_id uuid not null,
    agency_id uuid not null references agency,
    lines jsonb not null check (jsonb_typeof(lines) = 'array'),
    total bigint not null check (total >= 0),
    due text not null check (due in ('at_submission', 'at_counter')),
    created_at timestamptz not null,
    voided_at timestamptz
);
create index payment_quote_draft on payment_quote (draft_id, created_at desc);

-- One try to pay a quote. At most one online try is open at a time, so that two tabs share a session.
create table payment_attempt (
    id uuid primary key,
    quote_id uuid not null references payment_quote,
    channel text not null check (channel in ('stripe', 'counter')),
    lang text not null check (lang in ('vi', 'en')),
    state text not null check (state in ('opening', 'open', 'paid', 'ended')),
    session_ref text unique,
    session_url text,
    expires_at timestamptz check (expires_at is not null or channel = 'counter'),
    created_at timestamptz not null,
    check (state <> 'opening' or session_ref is null)
);
create unique index payment_attempt_open on payment_attempt (quote_id, channel) where state in ('opening', 'open');
create index payment_attempt_quote on payment_attempt (quote_id, created_at);
create index payment_attempt_sweep on payment_attempt (created_at) where state in ('opening', 'open') and channel = 'stripe';

-- What a provider said. Only ever added to: the state of a payment is computed from these rows.
create table payment_fact (
    id text collate "C" primary key check (id <> '' and length(id) <= 300),
    attempt_id uuid not null references payment_attempt,
    kind text not null check (kind in ('opened', 'declined', 'expired', 'paid', 'counter_paid', 'refund_asked', 'refunded', 'refund_failed')),
    amount bigint not null check (amount >= 0),
    at timestamptz not null,
    payment_ref text not null,
    refund_ref text not null,
    provider text not null check (provider in ('stripe', 'counter', 'portal')),
    recorded_at timestamptz not null default clock_timestamp(),
    check (amount > 0 or kind in ('opened', 'declined', 'expired'))
);
create index payment_fact_attempt on payment_fact (attempt_id);
create index payment_fact_payment on payment_fact (payment_ref) where payment_ref <> '';

-- The next number of each agency and year. The row is locked until the receipt is committed, so no number is
-- skipped.
create table receipt_series (
    series text not null,
    year int not null,
    next bigint not null check (next > 0),
    primary key (series, year)
);

create table receipt (
    id uuid primary key,
    quote_id uuid not null references payment_quote,
    attempt_id uuid not null references payment_attempt,
    series text not null,
    year int not null,
    serial bigint not null check (serial > 0),
    amount bigint not null check (amount > 0),
    payer_sealed bytea not null,
    paid_at timestamptz not null,
    issued_at timestamptz not null,
    voided_at timestamptz,
    unique (series, year, serial)
);
create unique index receipt_live on receipt (quote_id) where voided_at is null;
create index receipt_quote on receipt (quote_id, issued_at);

create table payment_refund (
    id uuid primary key,
    quote_id uuid not null references payment_quote,
    attempt_id uuid not null references payment_attempt,
    payment_ref text not null,
    amount bigint not null check (amount > 0),
    reason text not null check (reason in ('twice', 'impossible', 'withdrawn', 'refused', 'stopped')),
    state text not null check (state in ('due', 'done', 'failed')),
    tries int not null default 0 check (tries >= 0),
    next_at timestamptz not null,
    problem text not null default '',
    refund_ref text unique,
    created_at timestamptz not null,
    done_at timestamptz,
    unique (attempt_id, reason)
);
create index payment_refund_due on payment_refund (next_at) where state = 'due';
create index payment_refund_quote on payment_refund (quote_id);

-- +goose StatementBegin
create function payment_is_fixed() returns trigger language plpgsql as $$
begin
    -- The one change that a quote or a receipt knows is to be voided, once.
    if tg_op = 'UPDATE' and tg_table_name in ('payment_quote', 'receipt')
        and to_jsonb(old) - 'voided_at' = to_jsonb(new) - 'voided_at' and to_jsonb(old) ->> 'voided_at' is null then
        return new;
    end if;
    raise exception '% rows are never changed or removed', tg_table_name using errcode = 'restrict_violation';
end $$;
-- +goose StatementEnd
create trigger payment_quote_fixed before update or delete on payment_quote for each row execute function payment_is_fixed();
create trigger payment_fact_fixed before update or delete on payment_fact for each row execute function payment_is_fixed();
create trigger receipt_fixed before update or delete on receipt for each row execute function payment_is_fixed();

-- +goose Down
drop table payment_refund;
drop table receipt;
drop table receipt_series;
drop table payment_fact;
drop table payment_attempt;
drop table payment_quote;
drop function payment_is_fixed();
