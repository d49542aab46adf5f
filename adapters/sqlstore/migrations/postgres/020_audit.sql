-- +goose Up
-- Who changed what, by command or click.
CREATE TABLE audit (
  workspace TEXT NOT NULL,
  at        BIGINT NOT NULL,
  channel   TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  user_name TEXT NOT NULL,
  command   TEXT NOT NULL,
  subject   TEXT NOT NULL,
  detail    TEXT NOT NULL
);
CREATE INDEX audit_workspace ON audit (workspace, at);
