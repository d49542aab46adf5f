-- +goose Up
-- Workspaces that installed the app of a platform by themselves. The token is encrypted by the platform.
CREATE TABLE install (
  workspace TEXT NOT NULL PRIMARY KEY,
  name      TEXT NOT NULL,
  sealed    TEXT NOT NULL,
  user_id   TEXT NOT NULL,
  at        BIGINT NOT NULL
);
