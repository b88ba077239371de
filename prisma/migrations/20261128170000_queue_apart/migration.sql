-- The queue apart from the log. While both were one table, what became of a message took its row out of the index of
-- what is due, and every such row was written anew with an entry in every other index. Now a lease and a result change
-- no column that an index of either table knows.

-- CreateTable
CREATE TABLE "queued_deliveries" (
    "delivery_id" UUID NOT NULL,
    "method" VARCHAR(16) NOT NULL,
    "status" VARCHAR(24) NOT NULL DEFAULT 'pending',
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "lease_id" UUID,
    "leased_by" TEXT,
    "leased_until" TIMESTAMPTZ(3),

    CONSTRAINT "queued_deliveries_pkey" PRIMARY KEY ("delivery_id")
);

INSERT INTO "queued_deliveries" ("delivery_id", "method", "status", "due_at", "lease_id", "leased_by", "leased_until")
SELECT "id", "method", "status", "due_at", "lease_id",
       CASE WHEN "status" = 'leased' THEN substr("status_reason", length('leased by ') + 1) END, "leased_until"
FROM "deliveries" WHERE "due_at" IS NOT NULL;

-- CreateIndex
CREATE INDEX "queued_deliveries_method_due_at_idx" ON "queued_deliveries"("method", "due_at");

-- What a lease adds to a row is as long as the row: room for it beside each.
ALTER TABLE "queued_deliveries" SET (fillfactor = 35);
ALTER TABLE "queued_deliveries" ADD CONSTRAINT "queued_deliveries_status_check" CHECK ("status" IN ('pending', 'leased', 'temporary_failure'));

-- What a lease said in the log is said by the queue.
DROP INDEX "deliveries_due_idx";
ALTER TABLE "deliveries" DROP COLUMN "due_at";
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_status_check";
UPDATE "deliveries"
SET "status" = CASE WHEN "next_retry_after" IS NULL THEN 'pending' ELSE 'temporary_failure' END, "status_reason" = NULL
WHERE "status" = 'leased';
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_status_check" CHECK ("status" IN ('pending', 'sent', 'permanent_failure', 'temporary_failure', 'unknown', 'inhibited'));
ALTER TABLE "deliveries" DROP COLUMN "lease_id", DROP COLUMN "leased_until";

-- A foreign key would cost each message more than its place in the queue. Locked rows are left to who holds them: a
-- result locks the queue first and the log after it, and must not be waited for the other way round.
CREATE FUNCTION "unqueue_deleted_deliveries"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM "queued_deliveries" WHERE "delivery_id" IN (
    SELECT "delivery_id" FROM "queued_deliveries" WHERE "delivery_id" = ANY (ARRAY(SELECT "id" FROM "gone")) FOR UPDATE SKIP LOCKED
  );
  RETURN NULL;
END $$;
CREATE TRIGGER "deliveries_deleted" AFTER DELETE ON "deliveries" REFERENCING OLD TABLE AS "gone"
  FOR EACH STATEMENT EXECUTE FUNCTION "unqueue_deleted_deliveries"();
