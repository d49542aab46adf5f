-- +goose Up
-- One row for each thing that one process at a time does.
CREATE TABLE lease (
  name     TEXT NOT NULL PRIMARY KEY,
  worker   TEXT NOT NULL,
  until_at BIGINT NOT NULL
);
