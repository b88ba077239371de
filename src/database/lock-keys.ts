/**
 * The keys of all advisory locks that have a single number as key. They are listed together, so that no two locks have
 * the same key. Nodes of the previous release can run beside nodes of this one, and they use the keys of that release.
 * So the key of a lock may change only if no harm is done when an old node and a new node hold the lock at once.
 */
export const lockKeys = {
  /** Moving the sequence of notification keys. */
  sequence: 7_461_001,
  /** Creating the first admin. */
  firstAdmin: 7_461_002,
  /**
   * Writes that may remove an admin, so that two of them cannot remove the last two admins. Taken before any row lock.
   * Release 0.1.0 used this key for the identity too. It stays with this lock, because nothing else protects the last
   * admin.
   */
  admins: 7_461_003,
  /** Updating the system templates. */
  systemTemplates: 7_461_004,
  /**
   * Creating indexes online. Release 0.1.0 used this key for the purge too. It stays with this lock, because a node
   * drops an incomplete index, which another node could be creating.
   */
  onlineIndexes: 7_461_005,
  /** Sweeping the queue of deliveries. */
  sweep: 7_461_006,
  /**
   * Creating the identity of the database. Beside a node of release 0.1.0, which uses 7_461_003, both may create one:
   * the later one remains and the other node reads it within two seconds, so feeds are reset once more.
   */
  identity: 7_461_007,
  /**
   * Purging deliveries. Beside a node of release 0.1.0, which uses 7_461_005, both may purge: a row is deleted by one
   * of them, and a step that PostgreSQL cancels is repeated later.
   */
  purge: 7_461_008,
  /** Copying texts for search, and switching the copying on or off. */
  texts: 7_461_009,
  /** Replacing the signing keys. */
  signingKeys: 7_461_010,
  /** Purging notifications that are older than the retention. */
  retention: 7_461_011,
  /**
   * The lock of Prisma's migration engine. Tidings takes it too, so that `prisma migrate deploy` cannot run at the same
   * time.
   */
  migrations: 72_707_369,
  /** Using the embedded cluster, which belongs to one process at a time. */
  embeddedCluster: 0x7469_6469,
} as const;

export type LockKey = (typeof lockKeys)[keyof typeof lockKeys];

/**
 * The class of the shared advisory locks that nodes hold while they may write; the second key is the generation of the
 * node's code. A migration that raises the minimum waits until no node holds a lock of a lower generation. PostgreSQL
 * distinguishes locks with two numbers from those with one, so this number may equal a key above.
 */
export const nodeLockClass = 7_461_004;
