-- CreateTable
CREATE TABLE "users" (
    "id" UUID NOT NULL,
    "email" VARCHAR(255),
    "username" VARCHAR(255),
    "first_name" VARCHAR(255),
    "last_name" VARCHAR(255),
    "title" VARCHAR(255),
    "location" VARCHAR(255),
    "description" TEXT,
    "avatar" UUID,
    "language" VARCHAR(255),
    "role" VARCHAR(16) NOT NULL DEFAULT 'member',
    "status" VARCHAR(16) NOT NULL DEFAULT 'active',
    "email_notifications" BOOLEAN NOT NULL DEFAULT true,
    "last_access" TIMESTAMPTZ(3),
    "password_hash" TEXT,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "users_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "access_tokens" (
    "id" UUID NOT NULL,
    "user_id" UUID NOT NULL,
    "sha256" BYTEA NOT NULL,
    "name" VARCHAR(64) NOT NULL,
    "expires_at" TIMESTAMPTZ(3),
    "last_used_at" TIMESTAMPTZ(3),
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "access_tokens_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "inboxes" (
    "recipient_id" UUID NOT NULL,
    "version" BIGINT NOT NULL DEFAULT 0,
    "unread" INTEGER NOT NULL DEFAULT 0,
    "total" INTEGER NOT NULL DEFAULT 0,

    CONSTRAINT "inboxes_pkey" PRIMARY KEY ("recipient_id")
);

-- CreateTable
CREATE TABLE "notifications" (
    "id" BIGSERIAL NOT NULL,
    "uuid" UUID NOT NULL,
    "recipient_id" UUID NOT NULL,
    "sender_id" UUID,
    "status" VARCHAR(16) NOT NULL DEFAULT 'inbox',
    "read_at" TIMESTAMPTZ(3),
    "timestamp" TIMESTAMPTZ(3) DEFAULT CURRENT_TIMESTAMP,
    "subject" VARCHAR(255) NOT NULL,
    "message" TEXT,
    "collection" VARCHAR(64),
    "item" VARCHAR(255),
    "template_id" UUID,
    "targets" UUID[] DEFAULT ARRAY[]::UUID[],
    "icon" TEXT NOT NULL DEFAULT '',
    "actions" JSONB NOT NULL DEFAULT '[]',
    "created_version" BIGINT NOT NULL,
    "version" BIGINT NOT NULL,

    CONSTRAINT "notifications_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "notification_tombstones" (
    "recipient_id" UUID NOT NULL,
    "version" BIGINT NOT NULL,
    "id" BIGINT NOT NULL,
    "uuid" UUID NOT NULL,
    "deleted_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "notification_tombstones_pkey" PRIMARY KEY ("recipient_id","version")
);

-- CreateTable
CREATE TABLE "templates" (
    "id" UUID NOT NULL,
    "name" TEXT NOT NULL,
    "title_template" TEXT NOT NULL,
    "body_template" TEXT NOT NULL,
    "actions" JSONB NOT NULL DEFAULT '[]',
    "group" TEXT,
    "method" VARCHAR(16),
    "kind" VARCHAR(16) NOT NULL DEFAULT 'system',
    "enabled_by_default" BOOLEAN NOT NULL DEFAULT true,

    CONSTRAINT "templates_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "preferences" (
    "user_id" UUID NOT NULL,
    "template_id" UUID NOT NULL,
    "disabled" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "preferences_pkey" PRIMARY KEY ("user_id","template_id")
);

-- CreateTable
CREATE TABLE "settings" (
    "key" VARCHAR(64) NOT NULL,
    "value" JSONB NOT NULL,

    CONSTRAINT "settings_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "deliveries" (
    "id" UUID NOT NULL,
    "template_id" UUID,
    "user_id" UUID NOT NULL,
    "notification_id" BIGINT,
    "method" VARCHAR(16) NOT NULL,
    "status" VARCHAR(24) NOT NULL DEFAULT 'pending',
    "status_reason" TEXT,
    "attempt_count" INTEGER NOT NULL DEFAULT 0,
    "payload" JSONB NOT NULL,
    "targets" UUID[] DEFAULT ARRAY[]::UUID[],
    "dedupe_hash" TEXT,
    "leased_until" TIMESTAMPTZ(3),
    "next_retry_after" TIMESTAMPTZ(3),
    "created_by" TEXT NOT NULL,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3),

    CONSTRAINT "deliveries_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "users_email_key" ON "users"("email");

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key" ON "users"("username");

-- CreateIndex
CREATE UNIQUE INDEX "access_tokens_sha256_key" ON "access_tokens"("sha256");

-- CreateIndex
CREATE UNIQUE INDEX "access_tokens_user_id_name_key" ON "access_tokens"("user_id", "name");

-- CreateIndex
CREATE UNIQUE INDEX "notifications_uuid_key" ON "notifications"("uuid");

-- CreateIndex
CREATE INDEX "notifications_recipient_id_id_idx" ON "notifications"("recipient_id", "id");

-- CreateIndex
CREATE INDEX "notifications_recipient_id_timestamp_idx" ON "notifications"("recipient_id", "timestamp");

-- CreateIndex
CREATE INDEX "notifications_sender_id_idx" ON "notifications"("sender_id");

-- CreateIndex
CREATE INDEX "notifications_timestamp_idx" ON "notifications"("timestamp");

-- CreateIndex
CREATE UNIQUE INDEX "notifications_recipient_id_version_key" ON "notifications"("recipient_id", "version");

-- CreateIndex
CREATE INDEX "notification_tombstones_deleted_at_idx" ON "notification_tombstones"("deleted_at");

-- CreateIndex
CREATE UNIQUE INDEX "templates_name_key" ON "templates"("name");

-- CreateIndex
CREATE UNIQUE INDEX "deliveries_dedupe_hash_key" ON "deliveries"("dedupe_hash");

-- CreateIndex
CREATE INDEX "deliveries_status_created_at_idx" ON "deliveries"("status", "created_at");

-- CreateIndex
CREATE INDEX "deliveries_user_id_idx" ON "deliveries"("user_id");

-- CreateIndex
CREATE INDEX "deliveries_notification_id_idx" ON "deliveries"("notification_id");

-- AddForeignKey
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "inboxes" ADD CONSTRAINT "inboxes_recipient_id_fkey" FOREIGN KEY ("recipient_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_recipient_id_fkey" FOREIGN KEY ("recipient_id") REFERENCES "inboxes"("recipient_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_sender_id_fkey" FOREIGN KEY ("sender_id") REFERENCES "users"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "templates"("id") ON DELETE RESTRICT ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "notification_tombstones" ADD CONSTRAINT "notification_tombstones_recipient_id_fkey" FOREIGN KEY ("recipient_id") REFERENCES "inboxes"("recipient_id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "preferences" ADD CONSTRAINT "preferences_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "preferences" ADD CONSTRAINT "preferences_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "templates"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "templates"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "deliveries" ADD CONSTRAINT "deliveries_notification_id_fkey" FOREIGN KEY ("notification_id") REFERENCES "notifications"("id") ON DELETE SET NULL ON UPDATE CASCADE;

-- What Prisma's schema language cannot say, added by hand.

-- Keys travel as JSON numbers: they must stay exact in every client.
ALTER SEQUENCE "notifications_id_seq" MAXVALUE 9007199254740991;
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_id_check" CHECK ("id" BETWEEN 1 AND 9007199254740991);

-- AddCheck
ALTER TABLE "notifications" ADD CONSTRAINT "notifications_status_check" CHECK ("status" IN ('inbox', 'archived'));
ALTER TABLE "users" ADD CONSTRAINT "users_role_check" CHECK ("role" IN ('admin', 'member'));
ALTER TABLE "users" ADD CONSTRAINT "users_status_check" CHECK ("status" IN ('active', 'suspended'));
ALTER TABLE "inboxes" ADD CONSTRAINT "inboxes_unread_check" CHECK ("unread" >= 0);
ALTER TABLE "inboxes" ADD CONSTRAINT "inboxes_total_check" CHECK ("total" >= 0);

-- A list may be empty, never unknown.
ALTER TABLE "notifications" ALTER COLUMN "targets" SET NOT NULL;
ALTER TABLE "deliveries" ALTER COLUMN "targets" SET NOT NULL;
