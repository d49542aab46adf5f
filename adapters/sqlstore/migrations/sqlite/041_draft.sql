-- +goose Up
-- Editions that editors look at before they are published.
CREATE TABLE draft (
  id           TEXT NOT NULL PRIMARY KEY,
  workspace    TEXT NOT NULL,
  subscription TEXT NOT NULL,
  slot_key     TEXT NOT NULL,
  deadline     BIGINT NOT NULL,
  channel      TEXT NOT NULL,
  version      INTEGER NOT NULL,
  state        TEXT NOT NULL,
  who          TEXT NOT NULL,
  articles     TEXT NOT NULL,
  body         TEXT NOT NULL
);
CREATE UNIQUE INDEX draft_slot ON draft (subscription, slot_key);
