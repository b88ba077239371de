import type { IncomingMessage } from 'node:http';
import { isIP } from 'node:net';
import proxyAddress from '@fastify/proxy-addr';
import ipaddr from 'ipaddr.js';

/** Which proxies are believed about who they speak for: so many, counted from here, or those at these addresses. */
export type TrustedProxies = number | readonly string[];

/** Whether the address, so many hops from here, is a proxy that is believed. */
export type Trust = (address: string, hop: number) => boolean;

const names: ReadonlySet<string> = new Set(['loopback', 'linklocal', 'uniquelocal']);

/** @throws TypeError for what is neither an address, nor a network, nor one of the names `proxy-addr` knows. */
export function trustIn(proxies: TrustedProxies): Trust {
  if (typeof proxies === 'number') return (_address, hop) => hop < proxies;
  const unknown = proxies.find((proxy) => !names.has(proxy) && isIP(proxy.replace(/\/\d+$/, '')) === 0);
  // `proxy-addr` would take `1.2` for an address.
  if (unknown !== undefined) throw new TypeError(`${unknown} is no address`);
  return proxies.length === 0 ? () => false : proxyAddress.compile([...proxies]);
}

/** Where a request came from: the last address on its way that is no trusted proxy. The same rule as Fastify's `ip`. */
export function clientAddress(request: IncomingMessage, trust: Trust): string {
  return proxyAddress(request, trust);
}

/** Longer than any address; a proxy may hand on anything. */
const longest = 64;

/**
 * What an address is counted by: an IPv4 address however it is written, and of an IPv6 address the network, for
 * whoever has one of its addresses has all of them.
 */
export function addressKey(address: string): string {
  if (isIP(address) === 0) return String(address).slice(0, longest);
  const known = ipaddr.process(address);
  return known instanceof ipaddr.IPv6 ? `${toHex(known.parts.slice(0, 4))}/64` : known.toString();
}

function toHex(parts: readonly number[]): string {
  return parts.map((part) => part.toString(16)).join(':');
}
