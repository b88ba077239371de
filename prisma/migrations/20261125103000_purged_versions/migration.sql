-- AlterTable
-- The highest version whose tombstone is gone: a feed cannot be followed from below it.
ALTER TABLE "inboxes" ADD COLUMN     "purged_version" BIGINT NOT NULL DEFAULT 0;
