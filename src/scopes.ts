/**
 * What a token may be limited to. A scope never adds to what the role allows; `admin` is everything that the role
 * allows.
 */
export const scopes = ['inbox', 'preferences', 'send', 'read_log', 'templates', 'users', 'admin'] as const;
export type Scope = (typeof scopes)[number];
