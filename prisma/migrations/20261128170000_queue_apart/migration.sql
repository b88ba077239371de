-- The queue and the leases apart from the log. While all three were one table, what became of a message took its row out
-- of the index of what is due, so that every such row was written anew with an entry in every other index, and a lease
-- wrote every row once more. Now a lease is one row, and a result changes no column that an index knows.

-- CreateTable
CREATE TABLE "queued_deliveries" (
    "delivery_id" UUID NOT NULL,
    "method" VARCHAR(16) NOT NULL,
    "status" VARCHAR(24) NOT NULL DEFAULT 'pending',
    "due_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "queued_deliveries_pkey" PRIMARY KEY ("delivery_id")
);

-- CreateTable
CREATE TABLE "delivery_leases" (
    "id" UUID NOT NULL,
    "method" VARCHAR(16) NOT NULL,
    "leased_by" TEXT NOT NULL,
    "leased_until" TIMESTAMPTZ(3) NOT NULL,
    "delivery_ids" UUID[],

    CONSTRAINT "delivery_leases_pkey" PRIMARY KEY ("id")
);

INSERT INTO "delivery_leases" ("id", "method", "leased_by", "leased_until", "delivery_ids")
SELECT "lease_id", "method", min(substr("status_reason", length('leased by ') + 1)), max("leased_until"), array_agg("id")
FROM "deliveries" WHERE "status" = 'leased' GROUP BY "lease_id", "method";

INSERT INTO "queued_deliveries" ("delivery_id", "method", "status", "due_at")
SELECT "id", "method", "status", "due_at" FROM "deliveries" WHERE "status" IN ('pending', 'temporary_failure');

-- CreateIndex
CREATE INDEX "queued_deliveries_method_due_at_idx" ON "queued_deliveries"("method", "due_at");

ALTER TABLE "queued_deliveries" ADD CONSTRAINT "queued_deliveries_status_check" CHECK ("status" IN ('pending', 'temporary_failure'));
ALTER TABLE "delivery_leases" ALTER COLUMN "delivery_ids" SET NOT NULL;
-- Ids are random: they do not compress.
ALTER TABLE "delivery_leases" ALTER COLUMN "delivery_ids" SET STORAGE EXTERNAL;

DROP INDEX "deliveries_due_idx";
ALTER TABLE "deliveries" DROP COLUMN "due_at";
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_status_check";
UPDATE "deliveries"
SET "status" = CASE WHEN "next_retry_after" IS NULL THEN 'pending' ELSE 'temporary_failure' END, "status_reason" = NULL
WHERE "status" = 'leased';
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_status_check" CHECK ("status" IN ('pending', 'sent', 'permanent_failure', 'temporary_failure', 'unknown', 'inhibited'));
ALTER TABLE "deliveries" DROP COLUMN "lease_id", DROP COLUMN "leased_until";

-- A foreign key would cost each message more than its place in the queue. Rows that are locked are being leased, which
-- takes them away as well.
CREATE FUNCTION "unqueue_deleted_deliveries"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  DELETE FROM "queued_deliveries" WHERE "delivery_id" IN (
    SELECT "delivery_id" FROM "queued_deliveries"
    WHERE "delivery_id" = ANY (ARRAY(SELECT "id" FROM "gone")) FOR UPDATE SKIP LOCKED
  );
  RETURN NULL;
END $$;
CREATE TRIGGER "deliveries_deleted" AFTER DELETE ON "deliveries" REFERENCING OLD TABLE AS "gone"
  FOR EACH STATEMENT EXECUTE FUNCTION "unqueue_deleted_deliveries"();
