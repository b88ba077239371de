import type { SystemTemplate } from '../model.ts';

/** Messages about the templates that workspaces are created from. */
export const templateTemplates: readonly SystemTemplate[] = [
  {
    id: '414d9331-c1fc-4761-b40c-d1f4702279eb',
    name: 'Prebuild Failure Limit Reached',
    group: 'Template Events',
    title: 'Prebuilt workspaces keep failing',
    body: 'Prebuilds for template **{{ labels.template }}**, preset **{{ labels.preset }}**, hit the failure limit and have stopped. Publish a fixed template version to start them again.',
    actions: [
      {
        label: 'Show failed prebuilds',
        url: '{{ base_url }}/workspaces?filter=owner:prebuilds+status:failed+template:{{ labels.template }}',
      },
      {
        label: 'Open template version',
        url: '{{ base_url }}/templates/{{ labels.org }}/{{ labels.template }}/versions/{{ labels.template_version }}',
      },
    ],
  },
  {
    id: '89d9745a-816e-4695-a17f-3d0a229e2b8d',
    name: 'Prebuilt Workspace Resource Replaced',
    group: 'Template Events',
    title: 'Resources replaced while claiming a prebuilt workspace',
    body: `**{{ labels.claimant }}** claimed prebuilt workspace **{{ labels.workspace }}** (preset **{{ labels.preset }}**) and these resources had to be recreated:

{% for replaced in data.replacements %}- {{ replaced[0] }}: {{ replaced[1] }}
{% endfor %}`,
    actions: [
      {
        label: 'Open build',
        url: '{{ base_url }}/@{{ labels.claimant }}/{{ labels.workspace }}/builds/{{ labels.workspace_build_num }}',
      },
      {
        label: 'Open template version',
        url: '{{ base_url }}/templates/{{ labels.org }}/{{ labels.template }}/versions/{{ labels.template_version }}',
      },
    ],
  },
  {
    id: '34a20db2-e9cc-4a93-b0e4-8569699d7a00',
    name: 'Report: Workspace Builds Failed',
    group: 'Template Events',
    title: 'Build failures this {{ data.report_frequency }}',
    body: `Build failures over the last {{ data.report_frequency }}:

{% for template in data.templates %}- **{{ template.display_name | default: template.name }}**: {{ template.failed_builds }} of {{ template.total_builds }}
{% for version in template.versions %}  - {{ version.template_version_name }}: {{ version.failed_count }}
{% for build in version.failed_builds %}    - {{ build.workspace_owner_username }}/{{ build.workspace_name }} #{{ build.build_number }}
{% endfor %}{% endfor %}{% endfor %}`,
    actions: [{ label: 'Show workspaces', url: '{{ base_url }}/workspaces' }],
  },
  {
    id: '29a09665-2a4c-403f-9648-54301670e7be',
    name: 'Template Deleted',
    group: 'Template Events',
    title: 'Template {{ labels.name }} removed',
    body: '**{{ labels.initiator }}** removed the template **{{ labels.name }}**.',
    actions: [{ label: 'Browse templates', url: '{{ base_url }}/templates' }],
  },
  {
    id: 'f40fae84-55a2-42cd-99fa-b41c1ca64894',
    name: 'Template Deprecated',
    group: 'Template Events',
    title: 'Template {{ labels.template }} is deprecated',
    body: '**{{ labels.template }}** no longer accepts new workspaces; existing ones keep running. Note from the maintainers: {{ labels.message }}',
    actions: [
      {
        label: 'My affected workspaces',
        url: '{{ base_url }}/workspaces?filter=owner%3Ame+template%3A{{ labels.template }}',
      },
      { label: 'Open template', url: '{{ base_url }}/templates/{{ labels.organization }}/{{ labels.template }}' },
    ],
  },
];
