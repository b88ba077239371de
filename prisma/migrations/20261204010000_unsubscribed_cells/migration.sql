-- What the link of an e-mail switched off, so that the link may undo that and nothing else. Earlier versions ignore it:
-- such a choice is like one that the user made.
-- AlterTable
ALTER TABLE "choices" ADD COLUMN "undo_choice" VARCHAR(16);
ALTER TABLE "users" ADD COLUMN "mails_unsubscribed_at" TIMESTAMPTZ(3);

-- A trigger, so that every writer forgets the link when e-mails are switched on again, also one of an earlier version.
CREATE FUNCTION "forget_unsubscribed_mails"() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  NEW."mails_unsubscribed_at" := NULL;
  RETURN NEW;
END $$;
CREATE TRIGGER "users_forget_unsubscribed_mails" BEFORE UPDATE OF "email_notifications" ON "users"
  FOR EACH ROW WHEN (NEW."email_notifications" AND NOT OLD."email_notifications")
  EXECUTE FUNCTION "forget_unsubscribed_mails"();
