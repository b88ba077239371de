// The part of the client that the commands use. The package resolves its own name, `tidings/client`, to the built
// client, which does not exist when types are checked.
declare module 'tidings/client' {
  interface Item {
    readonly id: string;
    readonly timestamp: string | null;
    readonly subject: string;
    readonly message: string | null;
  }
  interface View {
    readonly items: readonly Item[];
    readonly status: 'loading' | 'connecting' | 'live' | 'waiting' | 'refused' | 'closed';
  }
  export function createInbox(options: {
    readonly url: string;
    readonly token: string;
    readonly transport: 'sse';
    readonly filter?: { readonly read_status?: 'unread' };
    readonly pageSize?: number;
    readonly onError?: (error: Error) => void;
  }): { subscribe(listener: (view: View) => void): () => void; close(): void };
}
