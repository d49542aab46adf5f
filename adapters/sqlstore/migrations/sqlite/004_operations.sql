-- +goose Up
-- What was counted of rows that are gone, so that counters never fall.
CREATE TABLE tally (
  name TEXT NOT NULL PRIMARY KEY,
  n    BIGINT NOT NULL
);
CREATE INDEX slot_outcome ON slot (state) WHERE closed > 0;
CREATE INDEX part_unknown ON part (slot_at) WHERE state = 'unknown';
