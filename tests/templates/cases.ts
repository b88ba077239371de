import type { RenderHelpers, RenderPayload } from '../../src/templates/model.ts';

/** What templates know of the deployment, for tests that do not depend on its values. */
export const helpers: RenderHelpers = {
  baseUrl: 'https://tidings.example.com/',
  appName: 'Tidings',
  logoUrl: 'https://tidings.example.com/logo_1.png',
  now: new Date('2026-11-22T03:50:37.215Z'),
};

/** A payload for Ada, with overrides. */
export function aPayload(more: Partial<RenderPayload> = {}): RenderPayload {
  return {
    user_id: '8c1a1a43-6d0b-4a4e-9d3c-0f0a5b1f7f10',
    user_email: 'ada+work@example.com',
    user_name: 'Ada Lindqvist',
    user_username: 'ada',
    labels: {},
    data: null,
    targets: [],
    notification_name: 'Anything',
    notification_template_id: '00000000-0000-4000-8000-000000000000',
    actions: [],
    ...more,
  };
}

/** The file name of a template. */
export const slugOf = (name: string) => name.toLowerCase().replace(/[^a-z]+/g, '-');

/** Realistic payloads by template name. */
export const cases: Readonly<Record<string, Pick<Partial<RenderPayload>, 'labels' | 'data'>>> = {
  'One-Time Passcode': { labels: { one_time_passcode: 'c0ffee00-1111-4222-8333-444455556666' } },
  'Your account has been activated': { labels: { activated_account_name: 'ines', initiator: 'noor' } },
  'Your account has been suspended': { labels: { suspended_account_name: 'ines', initiator: 'noor' } },
  'User account activated': {
    labels: { activated_account_name: 'ines', activated_account_user_name: 'Ines Duarte', initiator: 'noor' },
  },
  'User account created': {
    labels: { created_account_name: 'ines_2', created_account_user_name: 'Ines *Inka* Duarte', initiator: 'noor' },
  },
  'User account deleted': {
    labels: { deleted_account_name: 'ines', deleted_account_user_name: 'Ines Duarte', initiator: '' },
  },
  'User account suspended': {
    labels: { suspended_account_name: 'ines', suspended_account_user_name: '', initiator: 'noor' },
  },
  'Custom Notification': {
    labels: {
      custom_title: 'Maintenance *tonight* [now]',
      custom_message:
        '# Please read\n\nWe stop at 22:00 <UTC>.\n- save your work\n- see https://status.example.com/a_b_c',
    },
  },
  'Troubleshooting Notification': { data: { timestamp: '2026-11-22T03:50:37.215Z' } },
  'Prebuild Failure Limit Reached': {
    labels: { template: 'go-tools', preset: 'small', org: 'default', template_version: 'release_7' },
  },
  'Prebuilt Workspace Resource Replaced': {
    labels: {
      claimant: 'ines',
      workspace: 'notebook',
      preset: 'small',
      org: 'north',
      template: 'go-tools',
      template_version: 'release_7',
      workspace_build_num: '2',
    },
    data: { replacements: { 'container[0]': 'image, hostname', 'volume.home_dir': ['size_gb', 'name'] } },
  },
  'Report: Workspace Builds Failed': {
    data: {
      report_frequency: 'week',
      templates: [
        {
          name: 'data-science',
          display_name: 'Data Science',
          failed_builds: 4,
          total_builds: 55,
          versions: [
            {
              template_version_name: '2026-46',
              failed_count: 3,
              failed_builds: [
                { workspace_owner_username: 'noor', workspace_name: 'notebook', build_number: 1234 },
                { workspace_owner_username: 'ines', workspace_name: 'crawler', build_number: 5678 },
              ],
            },
            {
              template_version_name: '2026-47',
              failed_count: 1,
              failed_builds: [{ workspace_owner_username: 'tom', workspace_name: 'scratch', build_number: 9 }],
            },
          ],
        },
        {
          name: 'web',
          display_name: '',
          failed_builds: 1,
          total_builds: 10,
          versions: [{ template_version_name: 'v2', failed_count: 1, failed_builds: [] }],
        },
      ],
    },
  },
  'Template Deleted': { labels: { name: 'go_tools', initiator: 'noor' } },
  'Template Deprecated': {
    labels: {
      template: 'go-tools',
      message: 'Use [the new one](https://new.example.com) instead.',
      organization: 'default',
    },
  },
  'Workspace Autobuild Failed': { labels: { name: 'notebook', reason: 'no free node' } },
  'Workspace Created': {
    labels: { workspace: 'notebook', template: 'go-tools', version: '7.2', workspace_owner_username: 'ada' },
  },
  'Workspace Deleted': {
    labels: { name: 'notebook', reason: 'unused for 30 days', initiator: 'the clean-up' },
  },
  'Workspace Manual Build Failed': {
    labels: {
      name: 'notebook',
      template_name: 'go-tools',
      template_version_name: 'v1',
      initiator: 'noor',
      workspace_owner_username: 'ada',
      workspace_build_number: '3',
    },
  },
  'Workspace Manually Updated': {
    labels: {
      organization: 'default',
      initiator: 'ines',
      workspace: 'notebook',
      template: 'go-tools',
      version: '7.2',
      workspace_owner_username: 'ada',
    },
  },
  'Workspace Marked as Dormant': {
    labels: { name: 'notebook', reason: 'not opened since October', timeTilDormant: '3 days' },
  },
  'Workspace Marked for Deletion': {
    labels: { name: 'notebook', reason: 'idle workspaces take room', timeTilDormant: '3 days' },
  },
  'Workspace Out Of Disk': {
    labels: { workspace: 'notebook' },
    data: {
      volumes: [
        { path: '/home/ada', threshold: '90%' },
        { path: '/mnt/`odd`_path', threshold: '80%' },
      ],
    },
  },
  'Workspace Out Of Memory': { labels: { workspace: 'notebook', threshold: '90%' } },
  'Workspace Updated Automatically': {
    labels: { name: 'notebook', template_version_name: '1.0', template_version_message: 'a newer compiler, *at last*' },
  },
};
