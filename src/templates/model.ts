/** A button of a notification. */
export interface Action {
  readonly label: string;
  readonly url: string;
}

/**
 * What a template is rendered with: what was known when the notification was enqueued, and its user as they are now.
 * Names are the wire's.
 */
export interface RenderPayload {
  readonly user_id: string;
  readonly user_email: string;
  readonly user_name: string;
  readonly user_username: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Any JSON. */
  readonly data: unknown;
  readonly targets: readonly string[];
  readonly notification_name: string;
  readonly notification_template_id: string;
  readonly actions: readonly Action[];
}

/** What a deployment adds to every payload. */
export interface RenderHelpers {
  /** Where the deployment is reached, with or without a final slash. */
  readonly baseUrl: string;
  readonly appName: string;
  readonly logoUrl: string;
  readonly now: Date;
}

/** The texts of a template, in Liquid that makes Markdown. */
export interface TemplateTexts {
  readonly id: string;
  readonly titleTemplate: string;
  readonly bodyTemplate: string;
}

/** A rendered notification. Plain text and HTML are made when they are read, each time. */
export interface Rendered {
  /** What an inbox keeps as subject: plain text where a person wrote it, else one line of Markdown. */
  readonly subject: string;
  readonly titleMarkdown: string;
  readonly bodyMarkdown: string;
  /** Without marks; what users wrote is as they typed it. */
  readonly titlePlain: string;
  readonly bodyPlain: string;
  /** Safe to show. */
  readonly bodyHtml: string;
}

/** The texts of a template cannot be rendered, now or later. The message says which template and where. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly templateId: string;
  /** `title`, `body`, or `actions[n].url` and `actions[n].label`. */
  readonly part: string;

  constructor(templateId: string, part: string, reason: string, cause?: unknown) {
    super(`template ${templateId}, ${part}: ${reason}`, cause === undefined ? undefined : { cause });
    this.templateId = templateId;
    this.part = part;
  }
}

/** A template that every deployment has. Its texts are Liquid that makes Markdown; see `renderTemplate`. */
export interface SystemTemplate {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  /** Left out: `system`. */
  readonly kind?: 'custom';
  /** Left out: true. */
  readonly enabledByDefault?: false;
  readonly title: string;
  readonly body: string;
  readonly actions: readonly Action[];
}

/** The templates that the service itself sends or treats in a way of its own. */
export const templateIds = {
  oneTimePasscode: '62f86a30-2330-4b61-a26d-311ff3b608cf',
  troubleshooting: 'c425f63e-716a-4bf4-ae24-78348f706c3f',
  custom: '39b1e189-c857-4b0c-877a-511144c18516',
  ownAccountSuspended: '6a2f0609-9b69-4d36-a989-9f5925b6cbff',
} as const;

/** Whether a template only passes on what a person wrote: its title is plain text then, and its body their Markdown. */
export function isWrittenTemplate(id: string): boolean {
  return id === templateIds.custom;
}
