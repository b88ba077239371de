-- What `search` looks through, apart from the rows it is about: a row is written anew whenever it is marked or takes a
-- version, and an index of its texts would be written with it. The texts are copied in the background.
CREATE TABLE "notification_texts" (
    "id" BIGINT NOT NULL,
    "text" TEXT NOT NULL,

    CONSTRAINT "notification_texts_pkey" PRIMARY KEY ("id")
);

-- Keys of notifications whose text is to be copied, or removed. Search looks at their rows themselves.
CREATE TABLE "notification_text_queue" (
    "key" BIGSERIAL NOT NULL,
    "ids" BIGINT[],

    CONSTRAINT "notification_text_queue_pkey" PRIMARY KEY ("key")
);

-- Called by triggers that the service makes where it can keep an index of texts, so they see the writes of all versions.
-- A statement may write very many rows: an entry has a thousand keys at most.
CREATE FUNCTION "queue_notification_texts"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO "notification_text_queue" ("ids") SELECT array_agg("id") FROM "touched" GROUP BY "id" / 1000;
  RETURN NULL;
END $$;

CREATE FUNCTION "queue_notification_text"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO "notification_text_queue" ("ids") VALUES (ARRAY[NEW."id"]);
  RETURN NULL;
END $$;
