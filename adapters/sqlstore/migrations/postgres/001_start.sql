-- +goose Up
-- Times are Unix milliseconds, 0 being "never"; lists are JSON text. Texts
-- compare byte by byte, whatever the language of the server.

CREATE TABLE meta (
  name  TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  value TEXT COLLATE "C" NOT NULL
);

CREATE TABLE source (
  workspace     TEXT COLLATE "C" NOT NULL,
  id            TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  kind          TEXT COLLATE "C" NOT NULL,
  address       TEXT COLLATE "C" NOT NULL,
  name          TEXT COLLATE "C" NOT NULL,
  own_name      TEXT COLLATE "C" NOT NULL DEFAULT '',
  category      TEXT COLLATE "C" NOT NULL,
  language      TEXT COLLATE "C" NOT NULL,
  weight        DOUBLE PRECISION NOT NULL,
  every_ms      BIGINT NOT NULL,
  disabled      INTEGER NOT NULL,
  origin        TEXT COLLATE "C" NOT NULL,
  last_try      BIGINT NOT NULL DEFAULT 0,
  last_ok       BIGINT NOT NULL DEFAULT 0,
  next_try      BIGINT NOT NULL DEFAULT 0,
  failures      INTEGER NOT NULL DEFAULT 0,
  problem       TEXT COLLATE "C" NOT NULL DEFAULT '',
  etag          TEXT COLLATE "C" NOT NULL DEFAULT '',
  last_modified TEXT COLLATE "C" NOT NULL DEFAULT '',
  moved_to      TEXT COLLATE "C" NOT NULL DEFAULT '',
  moves         INTEGER NOT NULL DEFAULT 0,
  state         TEXT COLLATE "C" NOT NULL DEFAULT '',
  fetched       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX source_workspace ON source (workspace, id);
CREATE INDEX source_due ON source (next_try) WHERE disabled = 0;

-- n grows with arrival; body stands last, so that heads are read without it.
CREATE TABLE article (
  n         BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  workspace TEXT COLLATE "C" NOT NULL,
  id        TEXT COLLATE "C" NOT NULL,
  source    TEXT COLLATE "C" NOT NULL,
  arrived   BIGINT NOT NULL,
  published BIGINT NOT NULL,
  outlet    TEXT COLLATE "C" NOT NULL,
  category  TEXT COLLATE "C" NOT NULL,
  language  TEXT COLLATE "C" NOT NULL,
  guid      TEXT COLLATE "C" NOT NULL,
  url       TEXT COLLATE "C" NOT NULL,
  canonical TEXT COLLATE "C" NOT NULL,
  title_key TEXT COLLATE "C" NOT NULL,
  hash      TEXT COLLATE "C" NOT NULL,
  edited_by TEXT COLLATE "C" NOT NULL,
  title     TEXT COLLATE "C" NOT NULL,
  authors   TEXT COLLATE "C" NOT NULL,
  publisher TEXT COLLATE "C" NOT NULL,
  desk      TEXT COLLATE "C" NOT NULL,
  tags      TEXT COLLATE "C" NOT NULL,
  image     TEXT COLLATE "C" NOT NULL,
  marks     TEXT COLLATE "C" NOT NULL,
  size      INTEGER NOT NULL,
  sketch    BYTEA,
  words     TSVECTOR NOT NULL,
  body      TEXT COLLATE "C" NOT NULL
);
ALTER TABLE article ALTER COLUMN words SET STORAGE EXTERNAL; -- compressing it takes long and saves little
CREATE UNIQUE INDEX article_id ON article (workspace, id);
CREATE INDEX article_guid ON article (workspace, source, guid) WHERE guid <> '';
CREATE INDEX article_canonical ON article (workspace, canonical) WHERE canonical <> '';
CREATE INDEX article_title ON article (workspace, title_key) WHERE title_key <> '';
CREATE INDEX article_window ON article (workspace, arrived, source, category);
CREATE INDEX article_source ON article (workspace, source, arrived);

CREATE TABLE article_history (
  workspace TEXT COLLATE "C" NOT NULL,
  article   TEXT COLLATE "C" NOT NULL,
  at        BIGINT NOT NULL,
  title     TEXT COLLATE "C" NOT NULL,
  hash      TEXT COLLATE "C" NOT NULL,
  source    TEXT COLLATE "C" NOT NULL
);
CREATE INDEX article_history_article ON article_history (workspace, article, hash);

-- The words of title and body, cut and folded by the program.
CREATE INDEX article_words ON article USING gin (words);

CREATE TABLE story (
  workspace  TEXT COLLATE "C" NOT NULL,
  id         TEXT COLLATE "C" NOT NULL,
  headline   TEXT COLLATE "C" NOT NULL,
  first_seen BIGINT NOT NULL,
  latest     BIGINT NOT NULL,
  copies     TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE INDEX story_latest ON story (workspace, latest);

-- In one workspace an article belongs to one story.
CREATE TABLE story_article (
  workspace TEXT COLLATE "C" NOT NULL,
  article   TEXT COLLATE "C" NOT NULL,
  story     TEXT COLLATE "C" NOT NULL,
  position  INTEGER NOT NULL,
  PRIMARY KEY (workspace, article)
);
CREATE INDEX story_article_story ON story_article (workspace, story, position);

CREATE TABLE subscription (
  workspace   TEXT COLLATE "C" NOT NULL,
  id          TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  origin      TEXT COLLATE "C" NOT NULL,
  cron        TEXT COLLATE "C" NOT NULL,
  zone        TEXT COLLATE "C" NOT NULL,
  catch_up    BIGINT NOT NULL,
  since       BIGINT NOT NULL,
  changed     BIGINT NOT NULL,
  paused      INTEGER NOT NULL DEFAULT 0,
  paused_till BIGINT NOT NULL DEFAULT 0,
  disabled    TEXT COLLATE "C" NOT NULL DEFAULT '',
  body        TEXT COLLATE "C" NOT NULL
);
CREATE INDEX subscription_workspace ON subscription (workspace, id);

-- The ids of subscriptions are unique over all workspaces, hence so are slots.
CREATE TABLE slot (
  workspace    TEXT COLLATE "C" NOT NULL,
  subscription TEXT COLLATE "C" NOT NULL REFERENCES subscription (id),
  slot_key     TEXT COLLATE "C" NOT NULL,
  at           BIGINT NOT NULL,
  expires      BIGINT NOT NULL,
  state        TEXT COLLATE "C" NOT NULL,
  reason       TEXT COLLATE "C" NOT NULL,
  from_at      BIGINT NOT NULL DEFAULT 0,
  to_at        BIGINT NOT NULL DEFAULT 0,
  articles     TEXT COLLATE "C" NOT NULL DEFAULT '[]',
  late         INTEGER NOT NULL,
  edition      TEXT COLLATE "C" NOT NULL DEFAULT '',
  decided      BIGINT NOT NULL,
  closed       BIGINT NOT NULL DEFAULT 0,
  worker       TEXT COLLATE "C" NOT NULL DEFAULT '',
  token        BIGINT NOT NULL DEFAULT 0,
  lease_until  BIGINT NOT NULL DEFAULT 0,
  PRIMARY KEY (subscription, slot_key)
);
CREATE UNIQUE INDEX slot_instant ON slot (subscription, at);
CREATE INDEX slot_workspace ON slot (workspace, at);
CREATE INDEX slot_open ON slot (at) WHERE state IN ('due', 'selected');

CREATE TABLE edition (
  workspace    TEXT COLLATE "C" NOT NULL,
  id           TEXT COLLATE "C" NOT NULL,
  subscription TEXT COLLATE "C" NOT NULL,
  slot_key     TEXT COLLATE "C" NOT NULL,
  due          BIGINT NOT NULL,
  body         TEXT COLLATE "C" NOT NULL,
  PRIMARY KEY (workspace, id)
);
CREATE INDEX edition_due ON edition (workspace, due);

CREATE TABLE part (
  workspace    TEXT COLLATE "C" NOT NULL,
  part_key     TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  edition      TEXT COLLATE "C" NOT NULL,
  subscription TEXT COLLATE "C" NOT NULL,
  slot_key     TEXT COLLATE "C" NOT NULL,
  slot_at      BIGINT NOT NULL,
  expires      BIGINT NOT NULL,
  address      TEXT COLLATE "C" NOT NULL,
  platform     TEXT COLLATE "C" NOT NULL,
  tenant       TEXT COLLATE "C" NOT NULL,
  n            INTEGER NOT NULL,
  of_n         INTEGER NOT NULL,
  threaded     INTEGER NOT NULL,
  parent       TEXT COLLATE "C" NOT NULL DEFAULT '',
  stories      TEXT COLLATE "C" NOT NULL,
  state        TEXT COLLATE "C" NOT NULL,
  attempts     INTEGER NOT NULL DEFAULT 0,
  started      BIGINT NOT NULL DEFAULT 0,
  doubt        BIGINT NOT NULL DEFAULT 0,
  next_at      BIGINT NOT NULL DEFAULT 0,
  ref          TEXT COLLATE "C" NOT NULL DEFAULT '',
  reason       TEXT COLLATE "C" NOT NULL DEFAULT '',
  worker       TEXT COLLATE "C" NOT NULL DEFAULT '',
  token        BIGINT NOT NULL DEFAULT 0,
  lease_until  BIGINT NOT NULL DEFAULT 0,
  payload      BYTEA NOT NULL,
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
  workspace TEXT COLLATE "C" NOT NULL,
  part_key  TEXT COLLATE "C" NOT NULL REFERENCES part (part_key),
  n         INTEGER NOT NULL,
  worker    TEXT COLLATE "C" NOT NULL,
  token     BIGINT NOT NULL,
  started   BIGINT NOT NULL,
  ended     BIGINT NOT NULL DEFAULT 0,
  outcome   TEXT COLLATE "C" NOT NULL DEFAULT '',
  reason    TEXT COLLATE "C" NOT NULL DEFAULT '',
  PRIMARY KEY (part_key, n)
);

CREATE TABLE shown (
  workspace TEXT COLLATE "C" NOT NULL,
  address   TEXT COLLATE "C" NOT NULL,
  story     TEXT COLLATE "C" NOT NULL,
  edition   TEXT COLLATE "C" NOT NULL,
  articles  TEXT COLLATE "C" NOT NULL,
  headline  TEXT COLLATE "C" NOT NULL,
  at        BIGINT NOT NULL,
  PRIMARY KEY (workspace, address, story, edition)
);
CREATE INDEX shown_at ON shown (workspace, address, at);

CREATE TABLE board (
  channel  TEXT COLLATE "C" NOT NULL,
  part_key TEXT COLLATE "C" NOT NULL PRIMARY KEY,
  edition  TEXT COLLATE "C" NOT NULL,
  n        INTEGER NOT NULL,
  of_n     INTEGER NOT NULL,
  stories  TEXT COLLATE "C" NOT NULL,
  slot_at  BIGINT NOT NULL,
  at       BIGINT NOT NULL,
  payload  BYTEA NOT NULL
);
CREATE INDEX board_channel ON board (channel, slot_at, edition, n);
