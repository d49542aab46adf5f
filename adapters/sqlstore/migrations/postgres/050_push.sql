-- +goose Up
-- Who may push articles. The hash is that of the whole secret.
CREATE TABLE push_key (
  workspace TEXT NOT NULL,
  id        TEXT NOT NULL,
  name      TEXT NOT NULL,
  source    TEXT NOT NULL,
  hash      BYTEA NOT NULL,
  created   BIGINT NOT NULL,
  used      BIGINT NOT NULL DEFAULT 0,
  revoked   BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace, id)
);
CREATE UNIQUE INDEX push_key_id ON push_key (id);

-- What was answered to pushes that named themselves, for when they come again.
CREATE TABLE push (
  workspace TEXT NOT NULL,
  key_id    TEXT NOT NULL,
  token     TEXT NOT NULL,
  body      BYTEA NOT NULL,
  at        BIGINT NOT NULL,
  answer    BYTEA,
  PRIMARY KEY (workspace, key_id, token)
);
CREATE INDEX push_at ON push (at);
