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

/** The client's address: the last one on the way that is not a trusted proxy. The same rule as Fastify's `ip`. */
export function clientAddress(request: IncomingMessage, trust: Trust): string {
  return proxyAddress(request, trust);
}

/** Longer than any address; proxies may forward anything. */
const longest = 64;

/**
 * The key by which an address is counted: an IPv4 address in canonical form, an IPv6 address by its /64 network,
 * because one host has all addresses of such a network.
 */
export function addressKey(address: string): string {
  if (isIP(address) === 0) return String(address).slice(0, longest);
  const known = ipaddr.process(address);
  return known instanceof ipaddr.IPv6 ? `${toHex(known.parts.slice(0, 4))}/64` : known.toString();
}

function toHex(parts: readonly number[]): string {
  return parts.map((part) => part.toString(16)).join(':');
}
