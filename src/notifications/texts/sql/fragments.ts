/** SQL for all text of a notification that `search` covers. */
export const joinedText = (alias: string) =>
  `concat_ws(E'\\n', ${['subject', 'message', 'collection', 'item'].map((column) => `${alias}.${column}`).join(', ')})`;

/** Stores the texts of these rows (id, text) unless they are unchanged. @param rows the name of a CTE */
export const storeTexts = (rows: string) => `
    insert into notification_texts as stored (id, text)
    select id, text from ${rows}
    on conflict (id) do update set text = excluded.text where stored.text <> excluded.text`;
