-- +goose Up
create extension if not exists unaccent with schema public;
create extension if not exists pg_trgm with schema public;

-- Text without Vietnamese marks, for search: "Đường Láng" becomes "Duong Lang". Declared immutable, which
-- unaccent alone is not, so that an index may use it; the dictionary is named with its schema for the same
-- reason.
create function unaccented(text) returns text
    language sql immutable strict parallel safe
    return translate(public.unaccent('public.unaccent'::regdictionary, normalize($1, nfc)), 'đĐ', 'dD');

-- +goose Down
drop function unaccented(text);
drop extension pg_trgm;
drop extension unaccent;
