import type { Command } from 'commander';
import { printJson, remark } from '../output.ts';
import { openService, type ServiceOptions, withService } from '../service.ts';

/** `tidings pause` and `tidings resume` */
export function addPause(program: Command): void {
  withService(program.command('pause'))
    .description('stop sending messages until `tidings resume`; new messages are queued')
    .action((options: ServiceOptions) => setPaused(true, options));
  withService(program.command('resume'))
    .description('send the queued messages, and new ones again')
    .action((options: ServiceOptions) => setPaused(false, options));
}

async function setPaused(paused: boolean, options: ServiceOptions): Promise<void> {
  const service = await openService(options);
  const { update_notification_settings: settings } = await service.request<{
    update_notification_settings: { readonly notifier_paused: boolean; readonly changed: boolean };
  }>(
    `mutation ($paused: Boolean!) {
      update_notification_settings(data: { notifier_paused: $paused }) { notifier_paused changed } }`,
    { paused },
  );
  if (options.json) return printJson(settings);
  const state = paused ? 'paused' : 'running';
  remark(`The notifier ${settings.changed ? 'is' : 'was'} ${state}${settings.changed ? '' : ' already'}.`);
}
