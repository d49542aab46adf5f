-- +goose Up
-- What people of a channel thought of a story; keys is JSON: what it is about.
CREATE TABLE vote (
  workspace TEXT NOT NULL,
  address   TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  story     TEXT NOT NULL,
  value     INTEGER NOT NULL,
  keys      TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, address, user_id, story)
);

-- Stories that people keep for themselves.
CREATE TABLE bookmark (
  workspace TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  story     TEXT NOT NULL,
  headline  TEXT NOT NULL,
  url       TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, user_id, story)
);

-- When a person last caught up with a channel.
CREATE TABLE caught_up (
  workspace TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  address   TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, user_id, address)
);
