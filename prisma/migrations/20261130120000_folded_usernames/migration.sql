-- Usernames are one whatever their case. Of names that differ only by it, as they may until now, the oldest user's keeps
-- the folded name for itself; all of them are found by their exact spelling, and the start of the service lists them.
ALTER TABLE "users" ADD COLUMN "username_key" TEXT;

UPDATE "users" SET "username_key" = lower("username")
WHERE "id" IN (
  SELECT DISTINCT ON (lower("username")) "id" FROM "users" WHERE "username" IS NOT NULL
  ORDER BY lower("username"), "created_at", "id"
);

-- CreateIndex
CREATE UNIQUE INDEX "users_username_key_key" ON "users"("username_key");
-- By which a name is looked up, in any spelling.
CREATE INDEX "users_username_lower_idx" ON "users"(lower("username"));
-- The names that are not folded: seldom any.
CREATE INDEX "users_username_exact_idx" ON "users"(lower("username")) WHERE "username_key" IS NULL AND "username" IS NOT NULL;

-- The index on the key refuses what is written at the same time; names that have no key are refused here.
CREATE FUNCTION "fold_username"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  IF TG_OP = 'UPDATE' AND NEW."username" IS NOT DISTINCT FROM OLD."username" THEN
    NEW."username_key" := OLD."username_key";
    RETURN NEW;
  END IF;
  NEW."username_key" := lower(NEW."username");
  IF EXISTS (SELECT FROM "users" WHERE lower("username") = NEW."username_key" AND "id" <> NEW."id") THEN
    RAISE unique_violation USING
      MESSAGE = 'the username is taken', TABLE = 'users', COLUMN = 'username', CONSTRAINT = 'users_username_key';
  END IF;
  RETURN NEW;
END $$;
CREATE TRIGGER "users_fold_username" BEFORE INSERT OR UPDATE OF "username", "username_key" ON "users"
  FOR EACH ROW EXECUTE FUNCTION "fold_username"();
