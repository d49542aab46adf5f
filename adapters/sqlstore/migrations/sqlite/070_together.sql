-- +goose Up
-- Feeds of one address are fetched together, whoever's they are.
CREATE INDEX source_address ON source (address) WHERE kind = 'feed';
