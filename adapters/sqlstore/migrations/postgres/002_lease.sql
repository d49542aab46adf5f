-- +goose Up
-- One row for each thing that one process at a time does.
CREATE TABLE lease (
  name     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  worker   TEXT COLLATE "C" NOT NULL,
  until_at BIGINT NOT NULL
);
