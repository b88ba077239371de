-- CreateTable
CREATE TABLE "payloads" (
    "id" UUID NOT NULL,
    "content" JSONB NOT NULL,

    CONSTRAINT "payloads_pkey" PRIMARY KEY ("id")
);

-- What is stored already is a whole payload: nothing is over it, and nothing is missing.
ALTER TABLE "deliveries" RENAME COLUMN "payload" TO "own_payload";
ALTER TABLE "deliveries" ALTER COLUMN "own_payload" DROP NOT NULL;

-- When a message may be leased; null once nothing is left to do. A lease does not change it, so that a lease can be
-- written beside the row it changes, without an entry in any index. `leased_until` is looked at in the row.
ALTER TABLE "deliveries"
  ADD COLUMN "payload_id" UUID,
  ADD COLUMN "due_at" TIMESTAMPTZ(3) GENERATED ALWAYS AS (
    CASE WHEN "status" IN ('pending', 'temporary_failure', 'leased') THEN COALESCE("next_retry_after", "created_at") END
  ) STORED;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_payload_id_fkey" FOREIGN KEY ("payload_id") REFERENCES "payloads"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- What Prisma's schema language cannot say, added by hand.

ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_payload_check" CHECK ("payload_id" IS NOT NULL OR "own_payload" IS NOT NULL);
CREATE INDEX "deliveries_payload_idx" ON "deliveries"("payload_id") WHERE "payload_id" IS NOT NULL;

DROP INDEX "deliveries_due_idx";
CREATE INDEX "deliveries_due_idx" ON "deliveries"("method", "due_at") WHERE "due_at" IS NOT NULL;

-- Room for the lease of every row beside it.
ALTER TABLE "deliveries" SET (fillfactor = 45);

-- Who a message goes to is read when it is sent.
UPDATE "deliveries" SET "own_payload" = "own_payload" - '{user_id,user_email,user_name,user_username}'::text[]
WHERE "due_at" IS NOT NULL;
