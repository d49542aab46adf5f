-- +goose Up
-- Times are Unix milliseconds, 0 being "never"; lists are JSON text.

CREATE TABLE meta (
  name  TEXT NOT NULL PRIMARY KEY,
  value TEXT NOT NULL
);

CREATE TABLE source (
  workspace     TEXT NOT NULL,
  id            TEXT NOT NULL PRIMARY KEY,
  kind          TEXT NOT NULL,
  address       TEXT NOT NULL,
  name          TEXT NOT NULL,
  own_name      TEXT NOT NULL DEFAULT '',
  category      TEXT NOT NULL,
  language      TEXT NOT NULL,
  weight        DOUBLE PRECISION NOT NULL,
  every_ms      BIGINT NOT NULL,
  disabled      INTEGER NOT NULL,
  origin        TEXT NOT NULL,
  last_try      BIGINT NOT NULL DEFAULT 0,
  last_ok       BIGINT NOT NULL DEFAULT 0,
  next_try      BIGINT NOT NULL DEFAULT 0,
  failures      INTEGER NOT NULL DEFAULT 0,
  problem       TEXT NOT NULL DEFAULT '',
  etag          TEXT NOT NULL DEFAULT '',
  last_modified TEXT NOT NULL DEFAULT '',
  moved_to      TEXT NOT NULL DEFAULT '',
  moves         INTEGER NOT NULL DEFAULT 0,
  state         TEXT NOT NULL DEFAULT '',
  fetched       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX source_workspace ON source (workspace, id);
CREATE INDEX source_due ON source (next_try) WHERE disabled = 0;

-- n grows with arrival; body stands last, so that heads are read without it.
CREATE TABLE article (
  n         INTEGER PRIMARY KEY,
  workspace TEXT NOT NULL,
  id        TEXT NOT NULL,
  source    TEXT NOT NULL,
  arrived   BIGINT NOT NULL,
  published BIGINT NOT NULL,
  outlet    TEXT NOT NULL,
  category  TEXT NOT NULL,
  language  TEXT NOT NULL,
  guid      TEXT NOT NULL,
  url       TEXT NOT NULL,
  canonical TEXT NOT NULL,
  title_key TEXT NOT NULL,
  hash      TEXT NOT NULL,
  edited_by TEXT NOT NULL,
  title     TEXT NOT NULL,
  authors   TEXT NOT NULL,
  publisher TEXT NOT NULL,
  desk      TEXT NOT NULL,
  tags      TEXT NOT NULL,
  image     TEXT NOT NULL,
  marks     TEXT NOT NULL,
  size      INTEGER NOT NULL,
  sketch    BLOB,
  body      TEXT NOT NULL
);
CREATE UNIQUE INDEX article_id ON article (workspace, id);
CREATE INDEX article_guid ON article (workspace, source, guid) WHERE guid <> '';
CREATE INDEX article_canonical ON article (workspace, canonical) WHERE canonical <> '';
CREATE INDEX article_title ON article (workspace, title_key) WHERE title_key <> '';
CREATE INDEX article_window ON article (workspace, arrived, source, category);
CREATE INDEX article_source ON article (workspace, source, arrived);

CREATE TABLE article_history (
  workspace TEXT NOT NULL,
  article   TEXT NOT NULL,
  at        BIGINT NOT NULL,
  title     TEXT NOT NULL,
  hash      TEXT NOT NULL,
  source    TEXT NOT NULL
);
CREATE INDEX article_history_article ON article_history (workspace, article, hash);

CREATE VIRTUAL TABLE article_fts USING fts5 (
  title, body, content = 'article', content_rowid = 'n',
  tokenize = 'unicode61 remove_diacritics 2'
);
INSERT INTO article_fts (article_fts, rank) VALUES ('hashsize', 16777216);

-- +goose StatementBegin
CREATE TRIGGER article_fts_insert AFTER INSERT ON article BEGIN
  INSERT INTO article_fts (rowid, title, body) VALUES (new.n, new.title, new.body);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER article_fts_delete AFTER DELETE ON article BEGIN
  INSERT INTO article_fts (article_fts, rowid, title, body) VALUES ('delete', old.n, old.title, old.body);
END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER article_fts_update AFTER UPDATE OF title, body ON article BEGIN
  INSERT INTO article_fts (article_fts, rowid, title, body) VALUES ('delete', old.n, old.title, old.body);
  INSERT INTO article_fts (rowid, title, body) VALUES (new.n, new.title, new.body);
END;
-- +goose StatementEnd

CREATE TABLE story (
  workspace  TEXT NOT NULL,
  id         TEXT NOT NULL,
  headline   TEXT NOT NULL,
  first_seen BIGINT NOT NULL,
  latest     BIGINT NOT NULL,
  copies     TEXT NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE INDEX story_latest ON story (workspace, latest);

-- In one workspace an article belongs to one story.
CREATE TABLE story_article (
  workspace TEXT NOT NULL,
  article   TEXT NOT NULL,
  story     TEXT NOT NULL,
  position  INTEGER NOT NULL,
  PRIMARY KEY (workspace, article)
);
CREATE INDEX story_article_story ON story_article (workspace, story, position);

CREATE TABLE subscription (
  workspace   TEXT NOT NULL,
  id          TEXT NOT NULL PRIMARY KEY,
  origin      TEXT NOT NULL,
  cron        TEXT NOT NULL,
  zone        TEXT NOT NULL,
  catch_up    BIGINT NOT NULL,
  since       BIGINT NOT NULL,
  changed     BIGINT NOT NULL,
  paused      INTEGER NOT NULL DEFAULT 0,
  paused_till BIGINT NOT NULL DEFAULT 0,
  disabled    TEXT NOT NULL DEFAULT '',
  body        TEXT NOT NULL
);
CREATE INDEX subscription_workspace ON subscription (workspace, id);

-- The ids of subscriptions are unique over all workspaces, hence so are slots.
CREATE TABLE slot (
  workspace    TEXT NOT NULL,
  subscription TEXT NOT NULL REFERENCES subscription (id),
  slot_key     TEXT NOT NULL,
  at           BIGINT NOT NULL,
  expires      BIGINT NOT NULL,
  state        TEXT NOT NULL,
  reason       TEXT NOT NULL,
  from_at      BIGINT NOT NULL DEFAULT 0,
  to_at        BIGINT NOT NULL DEFAULT 0,
  articles     TEXT NOT NULL DEFAULT '[]',
  late         INTEGER NOT NULL,
  edition      TEXT NOT NULL DEFAULT '',
  decided      BIGINT NOT NULL,
  closed       BIGINT NOT NULL DEFAULT 0,
  worker       TEXT NOT NULL DEFAULT '',
  token        BIGINT NOT NULL DEFAULT 0,
  lease_until  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (subscription, slot_key)
);
CREATE UNIQUE INDEX slot_instant ON slot (subscription, at);
CREATE INDEX slot_workspace ON slot (workspace, at);
CREATE INDEX slot_open ON slot (at) WHERE state IN ('due', 'selected');

CREATE TABLE edition (
  workspace    TEXT NOT NULL,
  id           TEXT NOT NULL,
  subscription TEXT NOT NULL,
  slot_key     TEXT NOT NULL,
  due          BIGINT NOT NULL,
  body         TEXT NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE INDEX edition_due ON edition (workspace, due);

CREATE TABLE part (
  workspace    TEXT NOT NULL,
  part_key     TEXT NOT NULL PRIMARY KEY,
  edition      TEXT NOT NULL,
  subscription TEXT NOT NULL,
  slot_key     TEXT NOT NULL,
  slot_at      BIGINT NOT NULL,
  expires      BIGINT NOT NULL,
  address      TEXT NOT NULL,
  platform     TEXT NOT NULL,
  tenant       TEXT NOT NULL,
  n            INTEGER NOT NULL,
  of_n         INTEGER NOT NULL,
  threaded     INTEGER NOT NULL,
  parent       TEXT NOT NULL DEFAULT '',
  stories      TEXT NOT NULL,
  state        TEXT NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  started      BIGINT NOT NULL DEFAULT 0,
  doubt        BIGINT NOT NULL DEFAULT 0,
  next_at      BIGINT NOT NULL DEFAULT 0,
  ref          TEXT NOT NULL DEFAULT '',
  reason       TEXT NOT NULL DEFAULT '',
  worker       TEXT NOT NULL DEFAULT '',
  token        BIGINT NOT NULL DEFAULT 0,
  lease_until  BIGINT NOT NULL DEFAULT 0,
  payload      BLOB NOT NULL,
  FOREIGN KEY (subscription, slot_key) REFERENCES slot (subscription, slot_key)
);
CREATE UNIQUE INDEX part_place ON part (subscription, slot_key, address, n);
CREATE INDEX part_address ON part (address, slot_at);
CREATE INDEX part_workspace ON part (workspace, slot_at);
CREATE INDEX part_tenant ON part (tenant, slot_at);
CREATE INDEX part_open ON part (slot_at, n, part_key) WHERE state IN ('ready', 'sending');
CREATE INDEX part_lease ON part (address, lease_until) WHERE lease_until > 0;

-- One row for every request that left, or was about to.
CREATE TABLE attempt (
  workspace TEXT NOT NULL,
  part_key  TEXT NOT NULL REFERENCES part (part_key),
  n         INTEGER NOT NULL,
  worker    TEXT NOT NULL,
  token     BIGINT NOT NULL,
  started   BIGINT NOT NULL,
  ended     BIGINT NOT NULL DEFAULT 0,
  outcome   TEXT NOT NULL DEFAULT '',
  reason    TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (part_key, n)
);

CREATE TABLE shown (
  workspace TEXT NOT NULL,
  address   TEXT NOT NULL,
  story     TEXT NOT NULL,
  edition   TEXT NOT NULL,
  articles  TEXT NOT NULL,
  headline  TEXT NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, address, story, edition)
);
CREATE INDEX shown_at ON shown (workspace, address, at);

CREATE TABLE board (
  channel  TEXT NOT NULL,
  part_key TEXT NOT NULL PRIMARY KEY,
  edition  TEXT NOT NULL,
  n        INTEGER NOT NULL,
  of_n     INTEGER NOT NULL,
  stories  TEXT NOT NULL,
  slot_at  BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  payload  BLOB NOT NULL
);
CREATE INDEX board_channel ON board (channel, slot_at, edition, n);
