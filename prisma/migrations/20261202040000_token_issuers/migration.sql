-- Whose signed tokens are accepted beside those of the service itself.
-- CreateTable
CREATE TABLE "token_issuers" (
    "id" UUID NOT NULL,
    "issuer" VARCHAR(255) NOT NULL,
    "jwks_url" TEXT,
    "secret" BYTEA,
    "audience" TEXT[],
    "clock_skew" INTEGER NOT NULL,
    "user_claim" VARCHAR(255) NOT NULL,
    "user_key" VARCHAR(16) NOT NULL,
    "name_claim" VARCHAR(255) NOT NULL,
    "email_claim" VARCHAR(255) NOT NULL,
    "role_claim" VARCHAR(255),
    "scopes" VARCHAR(255),
    "creates_users" BOOLEAN NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL,

    CONSTRAINT "token_issuers_pkey" PRIMARY KEY ("id")
);

-- CreateIndex
CREATE UNIQUE INDEX "token_issuers_issuer_key" ON "token_issuers"("issuer");
