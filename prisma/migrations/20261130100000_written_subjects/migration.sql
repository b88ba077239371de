-- A subject is plain text where a person wrote it and Markdown where a template made it; a row says so when a person
-- replaced what a template had made.
ALTER TABLE "notifications" ADD COLUMN "subject_written" BOOLEAN NOT NULL DEFAULT false;

-- What people sent themselves by the custom template was stored escaped, as if it were a value within a template. It is
-- stored as they wrote it now. These rows were delivered: their uuid is the id of a delivery, or older than the log of
-- deliveries. Only texts in which every mark is escaped are touched, so what somebody wrote since stays.

-- What `escapeMarkdown` made, undone: first the backslashes, then the entities, the ampersand last.
CREATE FUNCTION pg_temp.unescaped(escaped text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
DECLARE
  plain text := regexp_replace(escaped, '\\(.)', '\1', 'g');
  blank int; BEGIN
  IF position('&#' IN plain) > 0 THEN
    FOREACH blank IN ARRAY ARRAY[9, 10, 11, 12, 13, 32, 160, 5760, 8192, 8193, 8194, 8195, 8196, 8197, 8198, 8199, 8200, 8201,
                                 8202, 8232, 8233, 8239, 8287, 12288, 65279] LOOP
      plain := replace(plain, '&#' || blank || ';', chr(blank));
    END LOOP;
  END IF;
  RETURN replace(replace(replace(plain, '&lt;', '<'), '&gt;', '>'), '&amp;', '&');
END $$;

CREATE FUNCTION pg_temp.is_escaped(written text) RETURNS boolean LANGUAGE sql IMMUTABLE AS $$
  SELECT regexp_replace(written, '\\.', '', 'g') !~ '[\\`*_~|<>]|\[|\]'
$$;

CREATE TEMPORARY TABLE "written_anew" ON COMMIT DROP AS
SELECT "id", "recipient_id", "subject" AS "old_subject", "message" AS "old_message",
       CASE WHEN pg_temp.is_escaped("subject") THEN pg_temp.unescaped("subject") ELSE "subject" END AS "subject",
       CASE WHEN pg_temp.is_escaped("message") THEN pg_temp.unescaped("message") ELSE "message" END AS "message"
FROM "notifications" n
WHERE "template_id" = '39b1e189-c857-4b0c-877a-511144c18516'
  AND "sender_id" IS NULL AND "collection" IS NULL AND "item" IS NULL
  AND ("subject" ~ '[\\&]' OR "message" ~ '[\\&]')
  AND (EXISTS (SELECT FROM "deliveries" d WHERE d."id" = n."uuid")
       OR "uuid" < coalesce((SELECT "id" FROM "deliveries" ORDER BY "id" LIMIT 1), 'ffffffff-ffff-ffff-ffff-ffffffffffff'));

-- As every change of an inbox: the inboxes are locked in order, and what is computed from them comes after that. Followers
-- are told of the change by its version.
SELECT FROM "inboxes" WHERE "recipient_id" IN (SELECT "recipient_id" FROM "written_anew") ORDER BY "recipient_id" FOR NO KEY UPDATE;

WITH "steps" AS (
  SELECT n."id", n."recipient_id", anew."subject", anew."message",
         row_number() OVER (PARTITION BY n."recipient_id" ORDER BY n."id") AS "step"
  FROM "written_anew" anew JOIN "notifications" n ON n."id" = anew."id" AND n."recipient_id" = anew."recipient_id"
  WHERE (n."subject", n."message") IS NOT DISTINCT FROM (anew."old_subject", anew."old_message")
    AND (n."subject", n."message") IS DISTINCT FROM (anew."subject", anew."message")
), "touched" AS (
  UPDATE "inboxes" inbox SET "version" = inbox."version" + counted."steps"
  FROM (SELECT "recipient_id", count(*) AS "steps" FROM "steps" GROUP BY "recipient_id") AS counted
  WHERE inbox."recipient_id" = counted."recipient_id"
  RETURNING inbox."recipient_id", inbox."version" - counted."steps" AS "base"
)
UPDATE "notifications" n
SET "subject" = left(steps."subject", 255), "message" = steps."message", "version" = touched."base" + steps."step"
FROM "steps" steps JOIN "touched" touched USING ("recipient_id")
WHERE n."id" = steps."id";

DROP FUNCTION pg_temp.unescaped(text);
DROP FUNCTION pg_temp.is_escaped(text);
