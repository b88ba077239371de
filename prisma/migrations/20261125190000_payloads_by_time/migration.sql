-- A payload is stored together with its deliveries and its id begins with the same time, so those that need it are found
-- by their own key. An entry in an index for each delivery and each of its results, and a look at the payload for each
-- delivery, cost more than they were good for.
ALTER TABLE "deliveries" DROP CONSTRAINT "deliveries_payload_id_fkey";
DROP INDEX "deliveries_payload_idx";
