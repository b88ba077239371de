/** The hash of a user's static token as text, null without one; for the query language. @param alias of `users` */
export const staticTokenSql = (alias: string) =>
  `(select encode(t.sha256, 'hex') from access_tokens t where t.user_id = ${alias}.id and t.name = 'static')`;
