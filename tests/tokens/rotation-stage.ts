import { decodeProtectedHeader } from 'jose';
import { WebSocket } from 'ws';
import { createInbox, type InboxView, type LiveInbox } from '../../packages/client/src/index.ts';
import type { TestApp } from '../support/app.ts';
import { graphql } from '../support/client.ts';

/** A token and the id of the key that signed it. */
export interface SignedToken {
  readonly text: string;
  readonly kid: string;
}

export const signedToken = (text: string): SignedToken => ({
  text,
  kid: String(decodeProtectedHeader(text).kid),
});

/** Makes tokens of one user, with whatever key signs at the moment. */
export interface TokenSource {
  readonly name: string;
  create(): Promise<SignedToken>;
}

/** What clients do while keys are rotated. */
export interface Load {
  /** Ids of the keys that are removed, from before their removal begins: tokens of others must be accepted. */
  readonly removing: Set<string>;
  /** Refusals of tokens whose keys were not removed, and other failures. */
  readonly faults: string[];
  /** Reads the inbox on all nodes in turn until the end; with `keeps` by one token for as long as it is accepted. */
  read(source: TokenSource, options: { readonly keeps: boolean }): void;
  /** Follows the inbox at a node. */
  follow(source: TokenSource, node: TestApp, transport: 'websocket' | 'sse'): void;
  /** Resolves when each reader has read a few more times. */
  progress(): Promise<void>;
  /** Resolves when each follower is live with a token of a key that is not removed and shows what is wanted. */
  followed(isWanted: (view: InboxView) => boolean): Promise<void>;
  end(): Promise<void>;
}

/** Number of reads of each reader that count as progress. */
const fewReads = 6;
/** Number of reads by one token of a reader that does not keep it. */
const readsPerToken = 3;

interface Follower {
  readonly inbox: LiveInbox;
  /** Whether the key of its newest token is removed. */
  isRemoved(): boolean;
}

/** @param onRead called after each read. */
export function startLoad(nodes: readonly TestApp[], onRead: () => void): Load {
  const removing = new Set<string>();
  const faults: string[] = [];
  const counts: { reads: number }[] = [];
  const loops: Promise<void>[] = [];
  const followers: Follower[] = [];
  const looks = new Set<() => void>();
  let isOver = false;

  const look = () => {
    for (const one of [...looks]) one();
  };
  const until = (isTrue: () => boolean) =>
    new Promise<void>((resolve) => {
      const check = () => {
        if (!isTrue()) return;
        looks.delete(check);
        resolve();
      };
      looks.add(check);
      check();
    });

  async function readUntilTheEnd({ name, create }: TokenSource, keeps: boolean): Promise<void> {
    const count = { reads: 0 };
    counts.push(count);
    let token = await create();
    for (let uses = 1; !isOver; uses += 1) {
      const node = nodes[count.reads % nodes.length] as TestApp;
      const { status, body } = await graphql(node, { id: '', token: token.text }, '{ inbox { total_count } }');
      const isRefused = status !== 200 || body.errors !== undefined;
      if (isRefused && !removing.has(token.kid)) faults.push(`${name}: ${status} ${JSON.stringify(body)}`);
      count.reads += 1;
      onRead();
      look();
      if (!isRefused && (keeps || uses < readsPerToken)) continue;
      uses = 0;
      token = await create();
    }
  }

  return {
    removing,
    faults,
    read(source, { keeps }) {
      loops.push(readUntilTheEnd(source, keeps).catch((error) => void faults.push(`${source.name}: ${error}`)));
    },
    follow({ name, create }, { url }, transport) {
      const last: { token?: SignedToken } = {};
      const isRemoved = () => last.token !== undefined && removing.has(last.token.kid);
      const inbox = createInbox({
        url: `${url}/graphql/system`,
        transport,
        webSocket: WebSocket,
        pageSize: 1000,
        backOff: { firstMs: 10, mostMs: 100 },
        async token() {
          last.token = await create();
          return last.token.text;
        },
        onError({ code, closeCode, message }) {
          // Anything else is retried, such as a slow answer of a busy machine.
          const isRefused = code === 'INVALID_CREDENTIALS' || code === 'TOKEN_EXPIRED' || closeCode === 4403;
          if (isRefused && !isRemoved()) faults.push(`${name} over ${transport}: ${code} ${closeCode} ${message}`);
        },
      });
      followers.push({ inbox, isRemoved });
      inbox.subscribe(look);
    },
    progress() {
      const targets = counts.map(({ reads }) => reads + fewReads);
      return until(() => counts.every(({ reads }, index) => reads >= (targets[index] ?? 0)));
    },
    followed: (isWanted) =>
      until(() =>
        followers.every(({ inbox, isRemoved }) => {
          const view = inbox.current();
          return view.status === 'live' && !isRemoved() && isWanted(view);
        }),
      ),
    async end() {
      isOver = true;
      await Promise.all(loops);
      for (const { inbox } of followers) inbox.close();
    },
  };
}
