// Makes custom-elements.json, from which editors and documentation tools learn what the elements have.
// Attributes and properties are those that Lit knows of the built classes; texts and types are read from the sources: from
// the comments of classes and of their `declare` fields.
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

const tags = ['tidings-bell', 'tidings-inbox', 'tidings-preferences'];

/**
 * @param {string} sources the folder of the sources
 * @param {(tagName: string) => typeof import('lit').ReactiveElement | undefined} elementOf finds the class of a tag
 * @returns the manifest, as schema 2.1.0 of https://github.com/webcomponents/custom-elements-manifest describes it
 */
export async function manifestOf(sources, elementOf) {
  const declarations = await readDeclarations(sources);
  const typeOf = (event) => {
    const known = declarations.get('TidingsEvents').fields.get(event);
    if (known === undefined) throw new Error(`There is no type for the event ${event}.`);
    return known.type;
  };
  // There are too many for the comment of a class.
  const parts = JSON.parse(await readFile(new URL('parts.json', import.meta.url), 'utf8'));
  const partsOf = (tagName) => Object.entries(parts[tagName]).map(([name, description]) => ({ name, description }));
  const modules = tags.map((tagName) => {
    const element = elementOf(tagName);
    const declared = lineageOf(element.name, declarations);
    if (declared.length === 0) throw new Error(`The sources have no class of <${tagName}>.`);
    const [{ name, text, tagsOf }] = declared;
    const merged = (tag) => declared.flatMap((one) => one.tagsOf(tag)).sort(byName);
    const members = fieldsOf(element, declared);
    return {
      kind: 'javascript-module',
      path: `dist/${tagName.slice('tidings-'.length)}.js`,
      declarations: [
        {
          kind: 'class',
          customElement: true,
          name,
          tagName,
          description: text,
          superclass: { name: 'ReactiveElement', package: 'lit' },
          attributes: members.flatMap(({ attribute, name: fieldName, description, type }) =>
            attribute === undefined ? [] : [{ name: attribute, fieldName, description, type }],
          ),
          members,
          events: tagsOf('fires').map((event) => ({ ...event, type: { text: typeOf(event.name) } })),
          slots: tagsOf('slot'),
          cssParts: [...merged('csspart'), ...partsOf(tagName)].sort(byName),
          cssProperties: merged('cssproperty'),
        },
      ],
      exports: [
        { kind: 'js', name, declaration: { name } },
        { kind: 'custom-element-definition', name: tagName, declaration: { name } },
      ],
    };
  });
  return { schemaVersion: '2.1.0', readme: 'README.md', modules };
}

/** What the sources declare of a class or interface and, after it, of those it extends and implements. */
function lineageOf(name, declarations, found = new Set()) {
  const declared = declarations.get(name);
  if (!declared || found.has(declared)) return [];
  found.add(declared);
  return [declared, ...declared.parents.flatMap((parent) => lineageOf(parent, declarations, found))];
}

/** The public properties that Lit knows. @throws Error when one of them has no comment */
function fieldsOf(element, declared) {
  // Makes Lit collect the properties of the class.
  element.observedAttributes;
  return [...element.elementProperties]
    .filter(([, { state }]) => !state)
    .map(([name, { attribute, reflect }]) => {
      const field = declared.map(({ fields }) => fields.get(name)).find((found) => found !== undefined);
      if (field === undefined) throw new Error(`${element.name}: there is no comment for the property ${name}.`);
      return {
        kind: 'field',
        name,
        type: { text: field.type },
        description: field.text,
        ...(attribute !== false && { attribute: typeof attribute === 'string' ? attribute : name.toLowerCase() }),
        ...(reflect && { reflects: true }),
      };
    })
    .sort(byName);
}

const comment = String.raw`\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*`;
const declaration = new RegExp(
  `(?:${comment})?export (?:abstract )?(?:class|interface) (\\w+)([^{]*)\\{([\\s\\S]*?)^}`,
  'gm',
);
const field = new RegExp(`${comment}(?:declare |readonly )*'?([\\w-]+)'?\\??: ([^;]+);`, 'g');

/** The exported classes and interfaces of the sources, by name. */
async function readDeclarations(folder) {
  const found = new Map();
  for (const entry of await readdir(folder, { recursive: true })) {
    if (!entry.endsWith('.ts')) continue;
    const source = await readFile(join(folder, entry), 'utf8');
    for (const [, about = '', name, header, body] of source.matchAll(declaration)) {
      const { text, tagged } = parseComment(about);
      found.set(name, {
        name,
        text,
        parents: header.match(/\w+/g) ?? [],
        tagsOf: (tag) =>
          tagged.filter((one) => one.tag === tag).map(({ name: named, description }) => ({ name: named, description })),
        fields: new Map(
          [...body.matchAll(field)].map(([, aboutField, fieldName, type]) => [
            fieldName,
            { text: parseComment(aboutField).text, type: flat(type) },
          ]),
        ),
      });
    }
  }
  return found;
}

/** Splits a comment into its text and its tags, such as `@slot icon - Replaces the bell.` */
function parseComment(comment) {
  const [text = '', ...tagTexts] = comment.replace(/^\s*\*?[ \t]?/gm, '').split(/^@/m);
  const tagged = tagTexts.flatMap((tagText) => {
    const [, tag, name, description] = /^(\w+)\s+(?:(\S+)\s+)?-\s+([\s\S]*)$/.exec(tagText.trim()) ?? [];
    return tag === undefined ? [] : [{ tag, name: name ?? '', description: flat(description) }];
  });
  return { text: flat(text), tagged };
}

const flat = (text) => text.trim().replace(/\s+/g, ' ');
const byName = (one, other) => (one.name < other.name ? -1 : 1);
