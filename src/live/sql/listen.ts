/** Listens on a channel, on the bus's own connection. LISTEN takes no parameters, so the name is part of the text. */
export const listenText = (channel: string) => `listen ${channel}`;
