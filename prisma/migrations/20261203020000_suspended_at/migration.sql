-- When a user was suspended last: links that reset the password and were asked for before it stay invalid afterwards.
-- AlterTable
ALTER TABLE "users" ADD COLUMN "suspended_at" TIMESTAMPTZ(3);

-- A trigger, so that every writer records it, also one of an earlier version.
CREATE FUNCTION "record_suspension"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW."suspended_at" := now();
  RETURN NEW;
END $$;
CREATE TRIGGER "users_record_suspension" BEFORE UPDATE OF "status" ON "users"
  FOR EACH ROW WHEN (NEW."status" = 'suspended' AND OLD."status" IS DISTINCT FROM NEW."status")
  EXECUTE FUNCTION "record_suspension"();
