/** Runs one GraphQL operation with a token. @throws Error with the message of the service */
export type Run = <Data>(
  token: string,
  document: string,
  variables?: Readonly<Record<string, unknown>>,
) => Promise<Data>;

/** Returns a function that sends operations to the service as every application does: over HTTP and with a token. */
export function createRun(url: string): Run {
  return async <Data>(token: string, query: string, variables = {}) => {
    const answer = await fetch(`${url}/graphql/system`, {
      method: 'POST',
      headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
      body: JSON.stringify({ query, variables }),
    });
    const { data, errors } = (await answer.json()) as {
      readonly data?: Data;
      readonly errors?: readonly { readonly message: string }[];
    };
    if (errors?.[0] !== undefined || data === undefined) {
      throw new Error(errors?.[0]?.message ?? `The service answered ${answer.status}.`);
    }
    return data;
  };
}
