-- DropIndex
DROP INDEX "deliveries_status_created_at_idx";

-- DropIndex
DROP INDEX "deliveries_notification_id_idx";

-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN     "lease_id" UUID;

-- What Prisma's schema language cannot say, added by hand.

-- Every message is written three times, and with it an entry of every index: these hold only what is looked for.
-- What may be leased, by method, in the order in which it became due. A lease that ran out is due again.
CREATE INDEX "deliveries_due_idx" ON "deliveries"("method", (COALESCE("leased_until", "next_retry_after", "created_at")))
  WHERE "status" IN ('pending', 'temporary_failure', 'leased');
CREATE INDEX "deliveries_notification_idx" ON "deliveries"("notification_id") WHERE "notification_id" IS NOT NULL;

-- Room for the next version of a row beside it.
ALTER TABLE "deliveries" SET (fillfactor = 70);

-- AddCheck
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_status_check" CHECK ("status" IN ('pending', 'leased', 'sent', 'permanent_failure', 'temporary_failure', 'unknown', 'inhibited'));
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_attempt_count_check" CHECK ("attempt_count" >= 0);
