import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, jest } from '@jest/globals';
import { type Browser, chromium } from 'playwright-core';
import { createNotifications } from '../../../src/notifications/write.ts';
import { createUsers } from '../../../src/users/write.ts';
import { type Person, startTestApp, type TestApp } from '../../support/app.ts';
import { findChromium } from '../../support/browser/chromium.ts';
import { graphql } from '../../support/client.ts';
import { patience } from '../../support/patience.ts';
import { aDevice, type Device, type DeviceOptions } from './device.ts';
import { aHost, type Host } from './host-page.ts';

const executablePath = await findChromium();
if (executablePath === null) process.stderr.write('There is no Chromium: the tests of the elements are skipped.\n');

// A test has several steps, and each may need its whole patience on a busy machine.
jest.setTimeout(4 * patience);

/** A group of tests with a stage; skipped where there is no Chromium. @param environment of the service */
export function describeElements(
  title: string,
  define: (stage: Stage) => void,
  environment: Readonly<Record<string, string>> = {},
): void {
  (executablePath === null ? describe.skip : describe)(title, () => define(useStage(environment)));
}

/** What a test writes to an inbox. */
export interface Message {
  readonly subject: string;
  readonly message?: string;
}

/**
 * The service, a host page of another origin that embeds the elements under a strict content security policy, and
 * Chromium. After each test its devices close, and the test fails if a page had an error or broke the policy.
 */
export interface Stage {
  readonly app: TestApp;
  readonly host: Host;
  readonly browser: Browser;
  /** A new user with these notifications; the last is the newest. */
  aUser(...messages: readonly (string | Message)[]): Promise<Person>;
  /** Writes notifications to a user's inbox. */
  notify(person: Person, ...messages: readonly (string | Message)[]): Promise<void>;
  /** Runs an operation as a person. @throws Error when it is answered with errors */
  ask<Result = Readonly<Record<string, unknown>>>(
    person: Person,
    query: string,
    variables?: Readonly<Record<string, unknown>>,
  ): Promise<Result>;
  /** A browser of a person, with storage and a network of its own. */
  device(person: Person, options?: DeviceOptions): Promise<Device>;
  /** Faults that contain this text are expected until the end of the test. */
  expectFault(text: string | RegExp): void;
}

function useStage(environment: Readonly<Record<string, string>>): Stage {
  let parts: { readonly app: TestApp; readonly host: Host; readonly browser: Browser } | undefined;
  const devices: Device[] = [];
  let faults: string[] = [];
  let expected: (string | RegExp)[] = [];
  const started = () => {
    if (!parts) throw new Error('The stage has not started.');
    return parts;
  };

  beforeAll(async () => {
    const host = await aHost();
    const app = await startTestApp({ ...environment, CORS_ORIGIN: host.origin });
    const browser = await chromium.launch({ executablePath: executablePath ?? '', args: ['--no-sandbox'] });
    parts = { app, host, browser };
  }, 120_000);
  afterAll(async () => {
    await parts?.browser.close();
    await parts?.app.stop();
    await parts?.host.close();
  }, 60_000);
  beforeEach(() => {
    faults = [];
    expected = [];
  });
  afterEach(async () => {
    for (const device of devices.splice(0)) await device.close();
    const isExpected = (fault: string) =>
      expected.some((text) => (typeof text === 'string' ? fault.includes(text) : text.test(fault)));
    expect(faults.filter((fault) => !isExpected(fault))).toEqual([]);
  });

  const stage: Stage = {
    get app() {
      return started().app;
    },
    get host() {
      return started().host;
    },
    get browser() {
      return started().browser;
    },
    async aUser(...messages) {
      const token = `element-token-${randomUUID()}`;
      const [id = ''] = await createUsers(stage.app.contextOf(stage.app.people.admin), [
        { token, first_name: 'Alice' },
      ]);
      const person = { id, token };
      await stage.notify(person, ...messages);
      return person;
    },
    async notify({ id }, ...messages) {
      if (messages.length === 0) return;
      const rows = messages.map((each) => (typeof each === 'string' ? { subject: each } : each));
      await createNotifications(
        stage.app.contextOf(stage.app.people.admin),
        rows.map((row) => ({ recipient: id, ...row })),
      );
    },
    async ask(person, query, variables = {}) {
      const { body } = await graphql(stage.app, person, query, variables);
      if (body.errors) throw new Error(body.errors[0].message);
      return body.data;
    },
    async device(person, options = {}) {
      const device = await aDevice(started(), person, options, (fault) => faults.push(fault));
      devices.push(device);
      return device;
    },
    expectFault(text) {
      expected.push(text);
    },
  };
  return stage;
}
