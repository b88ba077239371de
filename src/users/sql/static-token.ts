/** SQL for the hash of a user's static token as text, null without one. @param alias the alias of `users` */
export const staticTokenSql = (alias: string) =>
  `(select encode(t.sha256, 'hex') from access_tokens t where t.user_id = ${alias}.id and t.name = 'static')`;
