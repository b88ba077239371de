import { escapeHtml } from '../../escape-html.ts';
import type { Page } from '../shared/html.ts';
import type { JsonSchema } from '../shared/json-schema.ts';
import { mark } from '../shared/mark.ts';
import type {
  AnswerDescription,
  OpenApiDocument,
  OperationDescription,
  ParameterDescription,
} from '../shared/openapi.ts';
import { referenceScript } from './reference-script.ts';
import { referenceStyle } from './reference-style.ts';
import { inlineCode, schemaHtml, typeName } from './schema-html.ts';

interface Operation {
  readonly method: string;
  readonly path: string;
  readonly described: OperationDescription;
}

/** The API reference: every operation of the document, with a form that sends it. */
export function referencePage(document: OpenApiDocument): Page {
  const operations = operationsOf(document);
  const groups = document.tags.map(({ name, description }) => ({
    name,
    description,
    operations: operations.filter(({ described }) => described.tags[0] === name),
  }));
  const { schemas } = document.components;
  const body = `<header>
<a class="brand" href="./">${mark}Tidings</a><span class="where">API reference</span>
<form id="access" autocomplete="off"><label for="token">Token</label>
<input id="token" type="password" placeholder="Paste a token" spellcheck="false">
<button>Sign in</button><output id="who" role="status"></output></form>
</header>
<div class="columns">
<nav aria-label="Operations">${groups.map(navigationHtml).join('')}
<a class="file" href="openapi.json">openapi.json</a></nav>
<main>
<div class="intro"><h1>API reference</h1><p>${inlineCode(document.info.description)}</p>
<p>A request carries a token as <code>Authorization: Bearer …</code>. Paste one above, and the forms below send it; it is kept
in this tab only.</p></div>
${groups.map((group) => groupHtml(group, schemas)).join('\n')}
</main>
</div>`;
  return { title: 'API reference · Tidings', body, style: referenceStyle, script: referenceScript, root: '' };
}

interface Group {
  readonly name: string;
  readonly description: string;
  readonly operations: readonly Operation[];
}

function operationsOf({ paths }: OpenApiDocument): Operation[] {
  return Object.entries(paths).flatMap(([path, item]) => {
    const { 'x-additionalOperations': more, ...methods } = item;
    // `documentOf` puts operations under these keys.
    const all = Object.entries({ ...methods, ...(more as object) }) as [string, OperationDescription][];
    return all.map(([method, described]) => ({ method: method.toUpperCase(), path, described }));
  });
}

function navigationHtml({ name, operations }: Group): string {
  const items = operations.map(
    ({ described }) => `<li><a href="#${described.operationId}">${escapeHtml(described.summary)}</a></li>`,
  );
  return `<h2>${name}</h2><ul>${items.join('')}</ul>`;
}

function groupHtml({ name, description, operations }: Group, schemas: Readonly<Record<string, JsonSchema>>): string {
  return `<section><h2>${name}</h2><p class="about">${escapeHtml(description)}</p>
${operations.map((operation) => operationHtml(operation, schemas)).join('\n')}</section>`;
}

function operationHtml({ method, path, described }: Operation, schemas: Readonly<Record<string, JsonSchema>>): string {
  const { operationId, summary, description, parameters = [], requestBody, responses } = described;
  const body = requestBody?.content['application/json'];
  const isSocket = '101' in responses;
  return `<details class="operation" id="${operationId}"><summary><b class="method ${method.toLowerCase()}">${method}</b>
<code>${escapeHtml(path)}</code><span>${escapeHtml(summary)}</span></summary>
<div class="inside">${description === undefined ? '' : `<p>${inlineCode(description)}</p>`}
<form class="request" data-method="${method}" data-path="${escapeHtml(path)}">
${body ? bodyHtml(operationId, body.schema, body.example, schemas) : ''}
${parameters.length === 0 ? '' : `<h3>Parameters</h3>${parameters.map((each) => parameterHtml(operationId, each)).join('')}`}
${isSocket ? '' : '<div class="send"><button>Send</button><button type="button" class="copy">Copy as curl</button><output></output></div><pre class="result" hidden tabindex="0"><code></code></pre>'}
</form>
<h3>Answers</h3><ul class="answers">${Object.entries(responses)
    .map(([status, answer]) => answerHtml(status, answer, schemas))
    .join('')}</ul></div></details>`;
}

function parameterHtml(operationId: string, parameter: ParameterDescription): string {
  const { name, description, schema, content, required } = parameter;
  const id = `${operationId}-${name}`;
  const type = schema ? typeName(schema) : 'JSON';
  const sample = parameter.example ?? content?.['application/json']?.example;
  const hint = sample === undefined ? '' : Array.isArray(sample) ? sample.join(',') : JSON.stringify(sample);
  return `<div class="parameter"><label for="${id}"><code>${escapeHtml(name)}</code>
<span class="type">${escapeHtml(type)}${required ? ' · required' : ''}</span></label>
<input id="${id}" data-in="${parameter.in}" name="${escapeHtml(name)}" placeholder="${escapeHtml(hint)}" spellcheck="false"${required ? ' required' : ''}>
${description === undefined ? '' : `<p>${inlineCode(description)}</p>`}</div>`;
}

function bodyHtml(
  operationId: string,
  schema: JsonSchema,
  example: unknown,
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const text = example === undefined ? '' : JSON.stringify(example, null, 2);
  return `<h3><label for="${operationId}-body">Body</label></h3>
<textarea id="${operationId}-body" rows="${Math.max(3, text.split('\n').length)}" spellcheck="false">${escapeHtml(text)}</textarea>
<details class="shape"><summary>${escapeHtml(typeName(schema))}</summary>${schemaHtml(schema, schemas)}</details>`;
}

function answerHtml(
  status: string,
  { description, content = {} }: AnswerDescription,
  schemas: Readonly<Record<string, JsonSchema>>,
): string {
  const schema = content['application/json']?.schema;
  const shown = schema ? schemaHtml(schema, schemas) : '';
  const name = status === 'default' ? 'else' : status;
  const shape =
    shown === ''
      ? ''
      : `<details class="shape"><summary>${escapeHtml(Object.keys(content).join(', '))}</summary>${shown}</details>`;
  return `<li><b class="status s${status.slice(0, 1)}">${name}</b><div>${inlineCode(description)}${shape}</div></li>`;
}
