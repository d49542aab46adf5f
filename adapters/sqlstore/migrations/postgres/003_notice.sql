-- +goose Up
-- What operators were told, until its cause ends.
CREATE TABLE notice (
  workspace   TEXT COLLATE "C" NOT NULL,
  cause       TEXT COLLATE "C" NOT NULL,
  subject     TEXT COLLATE "C" NOT NULL,
  notice_key  TEXT COLLATE "C" NOT NULL,
  text        TEXT NOT NULL,
  at          BIGINT NOT NULL,
  state       TEXT COLLATE "C" NOT NULL,
  attempts    INTEGER NOT NULL DEFAULT 0,
  started     BIGINT NOT NULL DEFAULT 0,
  doubt       BIGINT NOT NULL DEFAULT 0,
  next_at     BIGINT NOT NULL DEFAULT 0,
  worker      TEXT COLLATE "C" NOT NULL DEFAULT '',
  token       BIGINT NOT NULL DEFAULT 0,
  lease_until BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (workspace, cause, subject)
);
CREATE INDEX notice_open ON notice (at) WHERE state <> 'told';

-- Workspaces that do not let us in; next_at is when they are tried again.
CREATE TABLE pause (
  tenant  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  reason  TEXT NOT NULL,
  since   BIGINT NOT NULL,
  next_at BIGINT NOT NULL
);

-- recheck is when a subscription that was disabled because its channel does
-- not let us in is tried again, 0 for the others.
ALTER TABLE subscription ADD COLUMN recheck BIGINT NOT NULL DEFAULT 0;

-- plain: the platform did not take the part's form, so it goes as plain text.
-- scope: how far the refusal of a rejected part reaches, 1 being its channel.
ALTER TABLE part ADD COLUMN plain INTEGER NOT NULL DEFAULT 0;
ALTER TABLE part ADD COLUMN scope INTEGER NOT NULL DEFAULT 0;
