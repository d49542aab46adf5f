-- +goose Up
-- Articles that were taken down, and do not come in again.
CREATE TABLE takedown (
  workspace TEXT NOT NULL,
  article   TEXT NOT NULL,
  canonical TEXT NOT NULL,
  reason    TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, article)
);
CREATE INDEX takedown_canonical ON takedown (canonical) WHERE canonical <> '';
CREATE INDEX takedown_at ON takedown (at);
CREATE INDEX article_history_at ON article_history (at);

-- What an edition says now of a story, instead of what was frozen.
CREATE TABLE correction (
  workspace TEXT NOT NULL,
  edition   TEXT NOT NULL,
  story     TEXT NOT NULL,
  kind      TEXT NOT NULL,
  body      TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, edition, story)
);

-- Posted parts that are to be edited; an edit may be repeated without harm.
CREATE TABLE revision (
  part_key TEXT NOT NULL PRIMARY KEY REFERENCES part (part_key),
  payload  BYTEA NOT NULL,
  state    TEXT NOT NULL,
  attempts INTEGER NOT NULL DEFAULT 0,
  next_at  BIGINT NOT NULL DEFAULT 0,
  reason   TEXT NOT NULL DEFAULT ''
);
CREATE INDEX revision_open ON revision (next_at) WHERE state = 'ready';
