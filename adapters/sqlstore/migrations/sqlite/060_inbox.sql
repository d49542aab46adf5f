-- +goose Up
-- Requests of the platforms that change something, by the platforms' ids. The
-- holder is at work until until_at; done is 1 when the work is finished.
CREATE TABLE inbox (
  workspace TEXT NOT NULL,
  id        TEXT NOT NULL,
  holder    TEXT NOT NULL,
  until_at  BIGINT NOT NULL,
  done      INTEGER NOT NULL DEFAULT 0,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE INDEX inbox_at ON inbox (at);
