import { z } from 'zod';

const positive = z.coerce.number().int().positive();

const Environment = z.object({
  HOST: z.string().min(1).default('127.0.0.1'),
  PORT: z.coerce.number().int().min(0).max(65_535).default(8055),
  PUBLIC_URL: z.url().optional(),
  DATABASE_URL: z
    .string()
    .regex(/^postgres(ql)?:\/\//, 'must start with postgresql://')
    .optional(),
  DATABASE_POOL_SIZE: positive.default(10),
  DATA_DIR: z.string().min(1).default('./data'),
  ADMIN_EMAIL: z.email().optional(),
  ADMIN_PASSWORD: z.string().optional(),
  ADMIN_TOKEN: z.string().optional(),
  LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  QUERY_LIMIT_DEFAULT: z.coerce.number().int().min(-1).default(100),
  QUERY_LIMIT_MAX: positive.optional(),
  MAX_BATCH_MUTATION: positive.optional(),
  MAX_PAYLOAD_SIZE: z
    .string()
    .default('1mb')
    .transform((text, context) => {
      const match = /^(\d+)\s*(b|kb|mb|gb)?$/i.exec(text.trim());
      if (match) return Number(match[1]) * 1024 ** ['b', 'kb', 'mb', 'gb'].indexOf((match[2] ?? 'b').toLowerCase());
      context.addIssue({ code: 'custom', message: 'must be a size such as 1mb, 512kb or 1048576' });
      return z.NEVER;
    }),
  MAX_RELATIONAL_DEPTH: z.coerce.number().int().min(2).default(10),
  GRAPHQL_INTROSPECTION: z.stringbool().default(true),
  GRAPHQL_QUERY_TOKEN_LIMIT: positive.default(5000),
});

/** How the service is run: read once at start, passed down, never changed. */
export interface Config {
  readonly host: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** Where callers reach the service; unset: the address it listens on. */
  readonly publicUrl: string | undefined;
  readonly database: { readonly url: string | undefined; readonly poolSize: number };
  /** The folder of the embedded database. */
  readonly dataDir: string;
  /** The admin that the first start makes; what is missing is generated and printed once. */
  readonly admin: {
    readonly email: string | undefined;
    readonly password: string | undefined;
    readonly token: string | undefined;
  };
  readonly logLevel: string;
  readonly limits: Limits;
  readonly graphql: { readonly introspection: boolean; readonly tokenLimit: number };
}

/** What one request may ask for. */
export interface Limits {
  /** Rows when no `limit` is given; −1: all. */
  readonly queryDefault: number;
  /** Most rows of one query; undefined: no limit. */
  readonly queryMax: number | undefined;
  /** Most items of one write; undefined: no limit. */
  readonly batchMax: number | undefined;
  /** Most dots in a field path. */
  readonly relationalDepth: number;
  /** Largest request body in bytes. */
  readonly payloadBytes: number;
}

/** Raised when the environment cannot be used; the message lists every fault. */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
}

/**
 * Reads the configuration from the environment.
 * @throws ConfigError naming every variable that is wrong.
 */
export function readConfig(environment: Readonly<Record<string, string | undefined>> = process.env): Config {
  // A variable set to nothing, as `.env` files like to have them, counts as not set.
  const given = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== ''));
  const parsed = Environment.safeParse(given);
  if (!parsed.success) {
    const faults = parsed.error.issues.map((issue) => `  ${issue.path.join('.')}: ${issue.message}`);
    throw new ConfigError(`The environment cannot be used:\n${faults.join('\n')}`);
  }
  const env = parsed.data;
  return {
    host: env.HOST,
    port: env.PORT,
    publicUrl: env.PUBLIC_URL,
    database: { url: env.DATABASE_URL, poolSize: env.DATABASE_POOL_SIZE },
    dataDir: env.DATA_DIR,
    admin: { email: env.ADMIN_EMAIL, password: env.ADMIN_PASSWORD, token: env.ADMIN_TOKEN },
    logLevel: env.LOG_LEVEL,
    limits: {
      queryDefault: env.QUERY_LIMIT_DEFAULT,
      queryMax: env.QUERY_LIMIT_MAX,
      batchMax: env.MAX_BATCH_MUTATION,
      relationalDepth: env.MAX_RELATIONAL_DEPTH,
      payloadBytes: env.MAX_PAYLOAD_SIZE,
    },
    graphql: { introspection: env.GRAPHQL_INTROSPECTION, tokenLimit: env.GRAPHQL_QUERY_TOKEN_LIMIT },
  };
}

/** The names of every variable the service reads. */
export const variableNames: readonly string[] = Object.keys(Environment.shape);
