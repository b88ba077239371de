-- What a message's age is counted from when it is tried again on request; null: from `created_at`.
ALTER TABLE "deliveries" ADD COLUMN     "retried_at" TIMESTAMPTZ(3);

-- How many leases in a row ended by time, without a result, while they held the message. A node that does not know these
-- columns loses count, no more.
ALTER TABLE "queued_deliveries" ADD COLUMN     "lost_leases" SMALLINT NOT NULL DEFAULT 0;
ALTER TABLE "delivery_leases" ADD COLUMN     "lost_leases" JSONB;

-- Those that are sent alone. Nearly always empty.
CREATE INDEX "queued_deliveries_suspect_idx" ON "queued_deliveries"("method", "due_at") WHERE "lost_leases" > 1;

-- CreateTable
CREATE TABLE "notifier_pauses" (
    "started_at" TIMESTAMPTZ(3) NOT NULL,
    "ended_at" TIMESTAMPTZ(3),

    CONSTRAINT "notifier_pauses_pkey" PRIMARY KEY ("started_at")
);
ALTER TABLE "notifier_pauses" ADD CONSTRAINT "notifier_pauses_order_check" CHECK ("ended_at" >= "started_at");
CREATE UNIQUE INDEX "notifier_pauses_open_idx" ON "notifier_pauses"(("ended_at" IS NULL)) WHERE "ended_at" IS NULL;

-- A trigger, so that every writer is recorded: nodes of an earlier version and hands, too. Writers of one row come one
-- after the other, which the time of their statements shows and that of their transactions does not.
CREATE FUNCTION "record_notifier_pause"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF EXISTS (SELECT FROM "settings" WHERE "key" = 'notifications' AND "value" @> '{"notifier_paused": true}') THEN
    INSERT INTO "notifier_pauses" ("started_at") SELECT clock_timestamp()
    WHERE NOT EXISTS (SELECT FROM "notifier_pauses" WHERE "ended_at" IS NULL) ON CONFLICT DO NOTHING;
  ELSE
    UPDATE "notifier_pauses" SET "ended_at" = greatest("started_at", clock_timestamp()) WHERE "ended_at" IS NULL;
  END IF;
  RETURN NULL;
END $$;
CREATE TRIGGER "settings_written" AFTER INSERT OR UPDATE OR DELETE ON "settings"
  FOR EACH STATEMENT EXECUTE FUNCTION "record_notifier_pause"();

-- Since when a pause has been on is not known: nothing that waits in the queue is to be too old because of it.
INSERT INTO "notifier_pauses" ("started_at")
SELECT coalesce(
  (SELECT least("created_at", CURRENT_TIMESTAMP) FROM "deliveries"
   WHERE "id" = (SELECT "delivery_id" FROM "queued_deliveries" ORDER BY "delivery_id" LIMIT 1)),
  CURRENT_TIMESTAMP
)
FROM "settings" WHERE "key" = 'notifications' AND "value" @> '{"notifier_paused": true}';
