-- What was done with the data of users, and by whom. The rows outlive both users, so there are no foreign keys and no
-- personal data but ids. An id begins with the time of its row.
-- CreateTable
CREATE TABLE "audit_log" (
    "id" UUID NOT NULL,
    "at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "actor" VARCHAR(64) NOT NULL,
    "action" VARCHAR(64) NOT NULL,
    "user_id" UUID NOT NULL,
    "details" JSONB NOT NULL DEFAULT '{}',

    CONSTRAINT "audit_log_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE INDEX "audit_log_user_id_id_idx" ON "audit_log"("user_id", "id");

-- Users whose data is being erased. The row is deleted with the user, when nothing is left.
-- CreateTable
CREATE TABLE "user_erasures" (
    "user_id" UUID NOT NULL,
    "requested_by" VARCHAR(64) NOT NULL,
    "requested_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "user_erasures_pkey" PRIMARY KEY ("user_id")
);

-- AddForeignKey
ALTER TABLE "user_erasures" ADD CONSTRAINT "user_erasures_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;
