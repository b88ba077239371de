-- A node from before the queue was a table of its own cannot store what became of what it has leased: those leases end now,
-- not when their time is over. Only in the upgrade that made that table: nodes of later versions go on with theirs.
DO $$ BEGIN
  -- Where migrations are only played to see what they come to, there is no list of them.
  IF to_regclass('_prisma_migrations') IS NOT NULL THEN
    UPDATE "delivery_leases" SET "leased_until" = CURRENT_TIMESTAMP
    WHERE EXISTS (
      SELECT FROM "_prisma_migrations"
      WHERE "migration_name" = '20261128170000_queue_apart' AND "xmin" = pg_current_xact_id()::xid
    );
  END IF;
END $$;
