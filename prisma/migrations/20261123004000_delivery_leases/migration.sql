-- DropIndex
DROP INDEX "deliveries_status_created_at_idx";

-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN     "lease_id" UUID;

-- CreateIndex
CREATE INDEX "deliveries_created_at_idx" ON "deliveries"("created_at");

-- What Prisma's schema language cannot say, added by hand.

-- What may be leased, by method, in the order in which it became due. A lease that ran out is due again.
CREATE INDEX "deliveries_due_idx" ON "deliveries"("method", (COALESCE("leased_until", "next_retry_after", "created_at")))
  WHERE "status" IN ('pending', 'temporary_failure', 'leased');

-- AddCheck
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_status_check" CHECK ("status" IN ('pending', 'leased', 'sent', 'permanent_failure', 'temporary_failure', 'unknown', 'inhibited'));
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_attempt_count_check" CHECK ("attempt_count" >= 0);
