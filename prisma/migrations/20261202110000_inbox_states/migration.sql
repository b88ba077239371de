-- States of inbox items beside `status` and `read_at`. Nodes of earlier versions neither read nor write these columns:
-- null means that nothing was done, and the figures that depend on them are counted instead of stored.
-- AlterTable
ALTER TABLE "inboxes" ADD COLUMN "seen_version" BIGINT NOT NULL DEFAULT 0;

-- AlterTable
ALTER TABLE "notifications" ADD COLUMN "saved_at" TIMESTAMPTZ(3),
ADD COLUMN "snoozed_until" TIMESTAMPTZ(3),
ADD COLUMN "archived_at" TIMESTAMPTZ(3),
ADD COLUMN "expires_at" TIMESTAMPTZ(3),
ADD COLUMN "on_expiry" VARCHAR(16) NOT NULL DEFAULT 'archive',
ADD COLUMN "original_timestamp" TIMESTAMPTZ(3),
ADD COLUMN "shown_version" BIGINT,
ADD COLUMN "state_version" BIGINT;

-- What a bulk action changed, kept for ten minutes so that it can be undone.
-- CreateTable
CREATE TABLE "inbox_operations" (
    "id" UUID NOT NULL,
    "recipient_id" UUID NOT NULL,
    "action" VARCHAR(16) NOT NULL,
    "undoes" UUID,
    "base" BIGINT NOT NULL,
    "ids" BIGINT[],
    "read_at" TIMESTAMPTZ(3)[],
    "saved_at" TIMESTAMPTZ(3)[],
    "status" TEXT[],
    "snoozed_until" TIMESTAMPTZ(3)[],
    "archived_at" TIMESTAMPTZ(3)[],
    "shown_version" BIGINT[],
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "undone_at" TIMESTAMPTZ(3),

    CONSTRAINT "inbox_operations_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "inbox_operations_recipient_id_idx" ON "inbox_operations"("recipient_id");

-- CreateIndex
CREATE INDEX "inbox_operations_created_at_idx" ON "inbox_operations"("created_at");

-- AddForeignKey
ALTER TABLE "inbox_operations" ADD CONSTRAINT "inbox_operations_recipient_id_fkey" FOREIGN KEY ("recipient_id") REFERENCES "inboxes"("recipient_id") ON DELETE CASCADE ON UPDATE CASCADE;
