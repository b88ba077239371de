import { parseSync } from '@swc/core';

/**
 * Everything that a TypeScript source imports, in whatever form: values, types, re-exports, `import()`,
 * `import('…').T`, `import x = require('…')` and the augmentation of another module.
 * @throws Error for an `import()` with a computed module.
 */
export function importsOf(source: string): readonly string[] {
  const known = importsBySource.get(source);
  if (known !== undefined) return known;
  const imports = [...new Set(importsIn(parseSync(source, { syntax: 'typescript', target: 'es2023' }).body))];
  importsBySource.set(source, imports);
  return imports;
}

const importsBySource = new Map<string, readonly string[]>();

function importsIn(syntax: unknown): string[] {
  if (Array.isArray(syntax)) return syntax.flatMap(importsIn);
  if (typeof syntax !== 'object' || syntax === null) return [];
  const named = isNode(syntax) ? importedBy(syntax) : undefined;
  const below = Object.values(syntax).flatMap(importsIn);
  return named === undefined ? below : [named, ...below];
}

type SyntaxNode = Readonly<Record<string, unknown>> & { readonly type: string };

function isNode(value: unknown): value is SyntaxNode {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}

function importedBy(node: SyntaxNode): string | undefined {
  switch (node.type) {
    case 'ImportDeclaration':
    case 'ExportNamedDeclaration':
    case 'ExportAllDeclaration':
      return textOf(node['source']);
    case 'TsImportType':
      return textOf(node['argument']);
    case 'TsExternalModuleReference':
      return textOf(node['expression']);
    case 'TsModuleDeclaration':
      return textOf(node['id']);
    case 'CallExpression':
      return isNode(node['callee']) && node['callee'].type === 'Import' ? dynamicOf(node) : undefined;
    default:
      return undefined;
  }
}

function dynamicOf(call: SyntaxNode): string {
  const [argument] = call['arguments'] as readonly { readonly expression: unknown }[];
  const text = textOf(argument?.expression);
  if (text === undefined) throw new Error('an import() must name its module by a string literal');
  return text;
}

/** The text of a literal, also of a template without expressions. */
function textOf(node: unknown): string | undefined {
  if (!isNode(node)) return undefined;
  if (node.type === 'StringLiteral') return String(node['value']);
  if (node.type !== 'TemplateLiteral') return undefined;
  const quasis = node['quasis'] as readonly { readonly cooked: string }[];
  return quasis.length === 1 ? quasis[0]?.cooked : undefined;
}
