import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import { load } from 'js-yaml';
import { variableNames } from '../../src/environment-faults.ts';
import { readConfig } from '../../src/read-config.ts';
import { secretNames } from '../../src/secret-files.ts';
import { useTestApp } from '../support/app.ts';

interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly failureThreshold?: number;
}

const root = fileURLToPath(new URL('../..', import.meta.url));
const read = (path: string) => readFileSync(join(root, path), 'utf8');
const { stop, port } = readConfig({ DRAIN_MS: '5000' });

/** Variables of the platform, not of the service. */
const platform = ['NODE_ENV'];
const known = [...variableNames, ...secretNames.map((name) => `${name}_FILE`), ...platform];

const dockerfile = read('Dockerfile');
const compose = load(read('compose.yaml')) as { services: Record<string, { [field: string]: unknown }> };
const service = compose.services['tidings'] ?? {};
const kubernetes = (name: string) => load(read(`deploy/kubernetes/${name}`)) as { [field: string]: unknown };
const deployment = kubernetes('deployment.yaml')['spec'] as {
  template: { metadata: { labels: object }; spec: { [field: string]: unknown } };
};
const pod = deployment.template.spec;
const [container] = pod['containers'] as [{ [field: string]: unknown }];
const unit = read('deploy/systemd/tidings.service');
const unitSays = (name: string) => new RegExp(`^${name}=(.*)$`, 'm').exec(unit)?.[1] ?? '';

describe('the files of deploy/', () => {
  const app = useTestApp();

  it('the deployment files set only variables that the service reads', () => {
    const variables = {
      image: [...dockerfile.matchAll(/^ENV (.*)$/gm)].flatMap(([, text = '']) => text.match(/\b[A-Z_]+(?==)/g) ?? []),
      compose: Object.keys(service['environment'] as object),
      pod: (container['env'] as { name: string }[]).map(({ name }) => name),
      unit: unitSays('Environment').match(/\b[A-Z_]+(?==)/g) ?? [],
    };

    for (const [file, names] of Object.entries(variables)) {
      expect({ file, unknown: names.filter((name) => !known.includes(name)) }).toEqual({ file, unknown: [] });
      expect(names).not.toEqual([]);
    }
  });

  it('the deployment files probe only paths that the service answers', async () => {
    const probes = ['startupProbe', 'readinessProbe', 'livenessProbe'].map((name) => container[name] as Probe);
    const caddy = read('deploy/proxy/Caddyfile').match(/health_uri (\S+)/)?.[1] ?? '';
    const image = /PORT}(\/\w+)/.exec(dockerfile)?.[1] ?? '';

    for (const path of new Set([...probes.map(({ httpGet }) => httpGet.path), caddy, image])) {
      expect({ path, status: (await fetch(`${app().url}${path}`)).status }).toEqual({ path, status: 200 });
    }
  });

  it('the deployment files name the port that the service listens on', () => {
    const ports = [
      /PORT=(\d+)/.exec(dockerfile)?.[1],
      /EXPOSE (\d+)/.exec(dockerfile)?.[1],
      (service['ports'] as string[])[0]?.split(':').at(-1),
      (container['ports'] as { containerPort: number }[])[0]?.containerPort,
      /server 127\.0\.0\.1:(\d+)/.exec(read('deploy/proxy/nginx.conf'))?.[1],
      /reverse_proxy 127\.0\.0\.1:(\d+)/.exec(read('deploy/proxy/Caddyfile'))?.[1],
    ];

    expect(ports.map(Number)).toEqual(ports.map(() => port));
  });

  it('the deployment files allow more time than a stop takes, and readiness fails while a node drains', () => {
    const readiness = container['readinessProbe'] as Probe;
    const waits = [service['stop_grace_period'], pod['terminationGracePeriodSeconds'], unitSays('TimeoutStopSec')];

    for (const seconds of waits) expect(Number.parseInt(String(seconds), 10) * 1000).toBeGreaterThan(stop.timeoutMs);
    expect(readiness.periodSeconds * (readiness.failureThreshold ?? 3) * 2000).toBeLessThan(stop.drainMs);
  });

  it('the selectors of the manifests match the pods of the deployment', () => {
    const { labels } = deployment.template.metadata;

    expect((kubernetes('service.yaml')['spec'] as { selector: object }).selector).toEqual(labels);
    expect(kubernetes('pod-disruption-budget.yaml')['spec']).toMatchObject({ selector: { matchLabels: labels } });
    expect(kubernetes('kustomization.yaml')['resources']).toEqual(
      expect.arrayContaining(readdirSync(join(root, 'deploy/kubernetes')).filter((name) => !name.startsWith('kust'))),
    );
  });

  it('the image keeps the query compiler that the client loads', () => {
    const [, build] = /compilerBuild\s*=\s*"(\w+)"/.exec(read('prisma/schema.prisma')) ?? [];

    expect(/! -name '(\S+)'/.exec(dockerfile)?.[1]).toBe(`query_compiler_${build}_bg.postgresql.*mjs`);
  });

  it('the image is built from files that exist and are not ignored', () => {
    const kept = [...read('.dockerignore').matchAll(/^!(\S+)$/gm)].map(([, name = '']) => name);
    const copied = [...dockerfile.matchAll(/^COPY (?!--from)(.*) \S+$/gm)].flatMap(([, names = '']) =>
      names.split(' '),
    );
    const sources = [...kept, ...copied].filter((name) => name !== '.');

    expect(sources.filter((name) => !existsSync(join(root, name)))).toEqual([]);
    expect(copied.filter((name) => name !== '.' && !kept.includes(name.split('/')[0] ?? ''))).toEqual([]);
  });
});
