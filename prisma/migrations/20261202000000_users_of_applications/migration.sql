-- The id that an application gives its user, compared exactly, and the IANA time zone of the user.
-- AlterTable
ALTER TABLE "users" ADD COLUMN "external_id" VARCHAR(255),
ADD COLUMN "timezone" VARCHAR(255);

-- CreateIndex
CREATE UNIQUE INDEX "users_external_id_key" ON "users"("external_id");
