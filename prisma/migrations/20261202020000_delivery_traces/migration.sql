-- The trace of the request that enqueued a delivery, as W3C's `traceparent`: its attempts, on whatever node and after
-- whatever restart, belong to that trace. Null where nothing is traced. A new column without a default rewrites no row.
ALTER TABLE "deliveries" ADD COLUMN "traceparent" VARCHAR(55);
