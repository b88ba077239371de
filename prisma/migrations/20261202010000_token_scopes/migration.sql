-- What a token is limited to, with spaces between (null: everything that the role of its user allows), and since when
-- signed tokens of a user are valid.
-- AlterTable
ALTER TABLE "access_tokens" ADD COLUMN "scopes" VARCHAR(255);

-- AlterTable
ALTER TABLE "users" ADD COLUMN "sessions_revoked_at" TIMESTAMPTZ(3);
