-- +goose Up
-- The way to a one-stop system: private networks in which its endpoint may lie, the authority that vouches for
-- it, and the certificate that the portal shows it. Endpoints of before stay live as they are.
alter table connection
    add column endpoint_pending text not null default '',
    add column proved_at timestamptz,
    add column networks text[] not null default '{}',
    add column ca_pem text not null default '',
    add column identity_sealed bytea,
    add column held_at timestamptz;

-- A key may end by itself, and may manage its connection.
alter table connection_key add column expires_at timestamptz;
alter table connection_key drop constraint connection_key_scopes_check;
alter table connection_key add constraint connection_key_scopes_check
    check (scopes <@ array['read', 'write', 'feed', 'manage'] and scopes <> '{}');

-- +goose Down
update connection_key set scopes = array_remove(scopes, 'manage'), mark = null
where 'manage' = any(scopes) and scopes <> array['manage'];
update connection_key set scopes = '{read}', revoked_at = coalesce(revoked_at, now()), mark = null
where scopes = array['manage'];
alter table connection_key drop constraint connection_key_scopes_check;
alter table connection_key add constraint connection_key_scopes_check
    check (scopes <@ array['read', 'write', 'feed'] and scopes <> '{}');
alter table connection_key drop column expires_at;
alter table connection
    drop column endpoint_pending, drop column proved_at, drop column networks, drop column ca_pem,
    drop column identity_sealed, drop column held_at;
