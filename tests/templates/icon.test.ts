import { describe, expect, it } from '@jest/globals';
import { iconOf } from '../../src/templates/icon.ts';
import { systemTemplates } from '../../src/templates/system-templates.ts';

const others = [
  'Troubleshooting Notification',
  'Custom Notification',
  'Prebuilt Workspace Resource Replaced',
  'Prebuild Failure Limit Reached',
];

/** The icon of each template. */
function expectedIcon(name: string): string {
  if (others.includes(name)) return 'DEFAULT_ICON_OTHER';
  if (/^Workspace /.test(name)) return 'DEFAULT_ICON_WORKSPACE';
  if (/^(Template |Report: )/.test(name)) return 'DEFAULT_ICON_TEMPLATE';
  return 'DEFAULT_ICON_ACCOUNT';
}

describe('iconOf', () => {
  it.each(systemTemplates.map(({ name, id }) => [name, id] as const))(
    'a notification without an icon gets that of its template group (21): %s',
    (name, id) => {
      expect(iconOf({ icon: '', template_id: id })).toBe(expectedIcon(name));
    },
  );

  it('a notification keeps its own icon (21)', () => {
    const icon = 'https://example.com/icon.png';

    expect(systemTemplates.map(({ id }) => iconOf({ icon, template_id: id }))).toEqual(systemTemplates.map(() => icon));
  });

  it.each([null, '00000000-0000-4000-8000-000000000000'])(
    'a notification of an unknown template gets the generic icon (21): %s',
    (id) => {
      expect(iconOf({ icon: '', template_id: id })).toBe('DEFAULT_ICON_OTHER');
    },
  );
});
