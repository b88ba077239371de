-- Categories of templates, the choices of users beside those for whole templates (`preferences`), and quiet hours.
-- Earlier versions do not know them: they send as if there were none.
-- CreateTable
CREATE TABLE "categories" (
    "key" VARCHAR(64) NOT NULL,
    "name" VARCHAR(255) NOT NULL,
    "description" TEXT,
    "required_channels" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "default_channels" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "hidden" BOOLEAN NOT NULL DEFAULT false,
    "created_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "categories_pkey" PRIMARY KEY ("key")
);

-- CreateTable
CREATE TABLE "choices" (
    "id" UUID NOT NULL DEFAULT gen_random_uuid(),
    "user_id" UUID NOT NULL,
    "category_key" VARCHAR(64),
    "template_id" UUID,
    "channel" VARCHAR(16),
    "is_on" BOOLEAN NOT NULL,
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "choices_pkey" PRIMARY KEY ("id")
);

-- CreateTable
CREATE TABLE "quiet_hours" (
    "user_id" UUID NOT NULL,
    "windows" JSONB NOT NULL,
    "breakthrough" TEXT[] NOT NULL DEFAULT ARRAY[]::TEXT[],
    "updated_at" TIMESTAMPTZ(3) NOT NULL DEFAULT CURRENT_TIMESTAMP,

    CONSTRAINT "quiet_hours_pkey" PRIMARY KEY ("user_id")
);

-- A choice names a category or a template or neither, and a channel unless it is for all of them. A choice for a whole
-- template is a row of `preferences`.
ALTER TABLE "choices" ADD CONSTRAINT "choices_level_check" CHECK (
    ("category_key" IS NULL OR "template_id" IS NULL) AND ("channel" IS NOT NULL OR "category_key" IS NOT NULL)
);

-- CreateIndex
CREATE UNIQUE INDEX "choices_user_id_category_key_template_id_channel_key" ON "choices"("user_id", "category_key", "template_id", "channel") NULLS NOT DISTINCT;

-- AddForeignKey
ALTER TABLE "choices" ADD CONSTRAINT "choices_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "choices" ADD CONSTRAINT "choices_category_key_fkey" FOREIGN KEY ("category_key") REFERENCES "categories"("key") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "choices" ADD CONSTRAINT "choices_template_id_fkey" FOREIGN KEY ("template_id") REFERENCES "templates"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AddForeignKey
ALTER TABLE "quiet_hours" ADD CONSTRAINT "quiet_hours_user_id_fkey" FOREIGN KEY ("user_id") REFERENCES "users"("id") ON DELETE CASCADE ON UPDATE CASCADE;

-- AlterTable
ALTER TABLE "templates" ADD COLUMN "category_key" VARCHAR(64);

-- AddForeignKey
ALTER TABLE "templates" ADD CONSTRAINT "templates_category_key_fkey" FOREIGN KEY ("category_key") REFERENCES "categories"("key") ON DELETE SET NULL ON UPDATE CASCADE;

-- Whether the choice was made by the link of an e-mail, which may also be undone by it.
-- AlterTable
ALTER TABLE "preferences" ADD COLUMN "unsubscribed" BOOLEAN NOT NULL DEFAULT false;

-- The rule that decided about a delivery; null for the rule of most, `template_default`. A new column without a default
-- rewrites no row.
-- AlterTable
ALTER TABLE "deliveries" ADD COLUMN "rule" VARCHAR(32);
