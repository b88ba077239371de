import type { SystemTemplate } from '../model.ts';

/** Messages about workspaces. */
export const workspaceTemplates: readonly SystemTemplate[] = [
  {
    id: '381df2a9-c0c0-4749-420f-80a9280c66f9',
    name: 'Workspace Autobuild Failed',
    group: 'Workspace Events',
    title: 'Automatic build of {{ labels.name }} failed',
    body: 'The scheduled build of **{{ labels.name }}** did not succeed. Reason: {{ labels.reason }}.',
    actions: [{ label: 'Open workspace', url: '{{ base_url }}/@{{ user_username }}/{{ labels.name }}' }],
  },
  {
    id: '281fdf73-c6d6-4cbb-8ff5-888baf8a2fff',
    name: 'Workspace Created',
    group: 'Workspace Events',
    enabled_by_default: false,
    title: 'New workspace {{ labels.workspace }}',
    body: '**{{ labels.workspace }}** was made from **{{ labels.template }}**, version **{{ labels.version }}**.',
    actions: [
      { label: 'Open workspace', url: '{{ base_url }}/@{{ labels.workspace_owner_username }}/{{ labels.workspace }}' },
    ],
  },
  {
    id: 'f517da0b-cdc9-410f-ab89-a86107c420ed',
    name: 'Workspace Deleted',
    group: 'Workspace Events',
    title: 'Workspace {{ labels.name }} is gone',
    body: '**{{ labels.name }}** has been deleted. Reason: {{ labels.reason }}{% if labels.initiator %}, by {{ labels.initiator }}{% endif %}.',
    actions: [
      { label: 'My workspaces', url: '{{ base_url }}/workspaces' },
      { label: 'Browse templates', url: '{{ base_url }}/templates' },
    ],
  },
  {
    id: '2faeee0f-26cb-4e96-821c-85ccb9f71513',
    name: 'Workspace Manual Build Failed',
    group: 'Workspace Events',
    title: 'Build of {{ labels.name }} failed',
    body: 'A build of **{{ labels.name }}** started by **{{ labels.initiator }}** failed. Template: {{ labels.template_name }}, version {{ labels.template_version_name }}.',
    actions: [
      {
        label: 'Open build',
        url: '{{ base_url }}/@{{ labels.workspace_owner_username }}/{{ labels.name }}/builds/{{ labels.workspace_build_number }}',
      },
    ],
  },
  {
    id: 'd089fe7b-d5c5-4c0c-aaf5-689859f7d392',
    name: 'Workspace Manually Updated',
    group: 'Workspace Events',
    enabled_by_default: false,
    title: 'Workspace {{ labels.workspace }} updated by hand',
    body: '**{{ labels.initiator }}** moved **{{ labels.workspace }}** to version **{{ labels.version }}** of **{{ labels.template }}**.',
    actions: [
      { label: 'Open workspace', url: '{{ base_url }}/@{{ labels.workspace_owner_username }}/{{ labels.workspace }}' },
      {
        label: 'Open template version',
        url: '{{ base_url }}/templates/{{ labels.organization }}/{{ labels.template }}/versions/{{ labels.version }}',
      },
    ],
  },
  {
    id: '0ea69165-ec14-4314-91f1-69566ac3c5a0',
    name: 'Workspace Marked as Dormant',
    group: 'Workspace Events',
    title: 'Workspace {{ labels.name }} is dormant',
    body: '**{{ labels.name }}** has been idle too long and is now dormant. Removal in {{ labels.timeTilDormant }} unless you use it again.',
    actions: [{ label: 'Open workspace', url: '{{ base_url }}/@{{ user_username }}/{{ labels.name }}' }],
  },
  {
    id: '51ce2fdf-c9ca-4be1-8d70-628674f9bc42',
    name: 'Workspace Marked for Deletion',
    group: 'Workspace Events',
    title: 'Workspace {{ labels.name }} is scheduled for removal',
    body: '**{{ labels.name }}** will be removed after {{ labels.timeTilDormant }} of dormancy. Reason: {{ labels.reason }}. Open it to keep it.',
    actions: [{ label: 'Open workspace', url: '{{ base_url }}/@{{ user_username }}/{{ labels.name }}' }],
  },
  {
    id: 'f047f6a3-5713-40f7-85aa-0394cce9fa3a',
    name: 'Workspace Out Of Disk',
    group: 'Workspace Events',
    title: 'Disk nearly full in {{ labels.workspace }}',
    body: `Volumes above their limit in **{{ labels.workspace }}**:

{% for volume in data.volumes %}- {{ volume.path | code }}: more than {{ volume.threshold }}
{% endfor %}`,
    actions: [{ label: 'Open workspace', url: '{{ base_url }}/@{{ user_username }}/{{ labels.workspace }}' }],
  },
  {
    id: 'a9d027b4-ac49-4fb1-9f6d-45af15f64e7a',
    name: 'Workspace Out Of Memory',
    group: 'Workspace Events',
    title: 'Memory nearly full in {{ labels.workspace }}',
    body: '**{{ labels.workspace }}** crossed its memory limit of **{{ labels.threshold }}**.',
    actions: [{ label: 'Open workspace', url: '{{ base_url }}/@{{ user_username }}/{{ labels.workspace }}' }],
  },
  {
    id: 'c34a0c09-0704-4cac-bd1c-0c0146811c2b',
    name: 'Workspace Updated Automatically',
    group: 'Workspace Events',
    title: 'Workspace {{ labels.name }} was auto-updated',
    body: '**{{ labels.name }}** now runs template version {{ labels.template_version_name }}. Note: {{ labels.template_version_message }}.',
    actions: [{ label: 'Open workspace', url: '{{ base_url }}/@{{ user_username }}/{{ labels.name }}' }],
  },
];
