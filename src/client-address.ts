import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/** Trusted proxies: a number of hops, or their addresses. */
export type TrustedProxies = number | readonly string[];

/** Whether the proxy with this address, at this number of hops, is trusted. */
export type Trust = (address: string, hop: number) => boolean;

const names: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** @throws TypeError for anything that is not an address, a network or a name known to `proxy-addr`. */
export function createTrust(proxies: TrustedProxies): Trust {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const unknown = proxies.find((proxy) => !names.has(proxy) && isIP(proxy.replace(/\/\d+$/, '')) === 0);
  // `proxy-addr` would accept `1.2` as an address.
  if (unknown !== undefined) throw new TypeError(`${unknown} is not an address`);
  return proxies.length === 0 ? () => false : proxyAddress.compile([...proxies]);
}

/** The client's address: the address nearest to this server that is not a trusted proxy. Fastify's `ip` is the same. */
export function clientAddress(request: IncomingMessage, trust: Trust): string {
  return proxyAddress(request, trust);
}

/** Maximum length of a key. No address is longer, but proxies may forward any text. */
const maxKeyLength = 64;

/**
 * The key under which requests of an address are counted: an IPv4 address in canonical form, or the /64 network of an
 * IPv6 address, because one host can use all addresses of such a network.
 */
export function addressKey(address: string): string {
  if (isIP(address) === 0) return String(address).slice(0, maxKeyLength);
  const parsed = ipaddr.process(address);
  return parsed instanceof ipaddr.IPv6 ? `${toHex(parsed.parts.slice(0, 4))}/64` : parsed.toString();
}

function toHex(parts: readonly number[]): string {
  return parts.map((part) => part.toString(16)).join(':');
}
