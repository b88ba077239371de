import type { IncomingMessage } from 'node:http';
import { describe, expect, it } from '@jest/globals';
import { addressKey, clientAddress, createTrust } from '../src/client-address.ts';
import { readConfig } from '../src/read-config.ts';

/** A request from a peer, with the addresses that proxies added. */
const from = (remoteAddress: string, forwarded?: string): IncomingMessage =>
  // The rule reads no other fields of the request.
  ({ socket: { remoteAddress }, headers: { 'x-forwarded-for': forwarded } }) as unknown as IncomingMessage;

const addressOf = (proxies: string, ...request: Parameters<typeof from>) =>
  clientAddress(from(...request), createTrust(readConfig({ TRUST_PROXY: proxies }).trustProxy));

describe('the address of a client', () => {
  it.each([
    ['no configured proxy', '', '10.0.0.1', '1.1.1.1', '10.0.0.1'],
    ['zero proxies', '0', '10.0.0.1', '1.1.1.1', '10.0.0.1'],
    ['one proxy', '1', '10.0.0.1', '9.9.9.9, 1.1.1.1', '1.1.1.1'],
    ['two proxies', '2', '10.0.0.1', '9.9.9.9, 1.1.1.1', '9.9.9.9'],
    ['more proxies than there are', '9', '10.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['a proxy that sends no addresses', '1', '10.0.0.1', undefined, '10.0.0.1'],
    ['a network', '10.0.0.0/8', '10.0.0.1', '9.9.9.9, 1.1.1.1, 10.1.1.1', '1.1.1.1'],
    ['a proxy outside the trusted network', '192.168.0.0/16', '10.0.0.1', '1.1.1.1', '10.0.0.1'],
    ['several addresses', '10.0.0.1 , ::1', '::1', '1.1.1.1,10.0.0.1', '1.1.1.1'],
    ['a named network', 'loopback', '127.0.0.1', '1.1.1.1', '1.1.1.1'],
    ['a proxy that sends nonsense', 'loopback', '127.0.0.1', 'nonsense', 'nonsense'],
  ])('the address of a client is found behind %s', (_what, proxies, remote, forwarded, address) => {
    expect(addressOf(proxies, remote, forwarded)).toBe(address);
  });

  it.each(['nonsense', '1.2.3', '10.0.0.0/99', '-1', '1.5', 'loopback,nonsense'])(
    'the trusted proxies %s are refused',
    (proxies) => {
      expect(() => readConfig({ TRUST_PROXY: proxies })).toThrow(/TRUST_PROXY: must be a number of proxies/);
    },
  );
});

describe('the key by which an address is counted', () => {
  it.each([
    ['an IPv4 address', '1.2.3.4', '1.2.3.4'],
    ['an IPv4 address that is written as IPv6', '::ffff:1.2.3.4', '1.2.3.4'],
    ['the network of an IPv6 address', '2001:db8:1:2:3:4:5:6', '2001:db8:1:2/64'],
    ['the network of another address in that network', '2001:0db8:1:2::9', '2001:db8:1:2/64'],
    ['the first 64 characters of a text that is no address', 'x'.repeat(500), 'x'.repeat(64)],
  ])('an address is counted by %s', (_what, address, key) => {
    expect(addressKey(address)).toBe(key);
  });
});
