/** A button of a notification. */
export interface Action {
  readonly label: string;
  readonly url: string;
}

/**
 * The values with which a template is rendered. The fields of the user are current; all others were stored when the
 * message was enqueued. Names are those of the wire format.
 */
export interface RenderPayload {
  readonly user_id: string;
  readonly user_email: string;
  readonly user_name: string;
  readonly user_username: string;
  readonly labels: Readonly<Record<string, string>>;
  /** Any JSON value. */
  readonly data: unknown;
  readonly targets: readonly string[];
  readonly notification_name: string;
  readonly notification_template_id: string;
  readonly actions: readonly Action[];
}

/** Values that the deployment adds to every payload. */
export interface RenderHelpers {
  /** Base URL of the deployment, with or without a trailing slash. */
  readonly baseUrl: string;
  readonly appName: string;
  readonly logoUrl: string;
  readonly now: Date;
}

/** The texts of a template: Liquid that renders to Markdown. */
export interface TemplateTexts {
  readonly id: string;
  readonly title_template: string;
  readonly body_template: string;
}

/** A rendered message. Plain text and HTML are computed on each access. */
export interface Rendered {
  /** The subject to store: plain text if a person wrote it, otherwise one line of Markdown. */
  readonly subject: string;
  readonly titleMarkdown: string;
  readonly bodyMarkdown: string;
  /** Without Markdown syntax. Text from users is shown exactly as typed. */
  readonly titlePlain: string;
  readonly bodyPlain: string;
  /** Sanitised. */
  readonly bodyHtml: string;
}

/** A template that can never be rendered. The message names the template and the position. */
export class TemplateError extends Error {
  override readonly name = 'TemplateError';
  readonly templateId: string;
  /** `title`, `body`, `actions[n].url` or `actions[n].label`. */
  readonly part: string;

  constructor(templateId: string, part: string, reason: string, cause?: unknown) {
    super(`template ${templateId}, ${part}: ${reason}`, cause === undefined ? undefined : { cause });
    this.templateId = templateId;
    this.part = part;
  }
}

/** A template that every deployment has. Its texts are Liquid that renders to Markdown; see `renderTemplate`. */
export interface SystemTemplate {
  readonly id: string;
  readonly name: string;
  readonly group: string;
  /** Default: `system`. */
  readonly kind?: 'custom';
  /** Default: true. */
  readonly enabled_by_default?: false;
  readonly title: string;
  readonly body: string;
  readonly actions: readonly Action[];
}

/** Templates that the service itself sends or handles specially. */
export const templateIds = {
  oneTimePasscode: '62f86a30-2330-4b61-a26d-311ff3b608cf',
  troubleshooting: 'c425f63e-716a-4bf4-ae24-78348f706c3f',
  custom: '39b1e189-c857-4b0c-877a-511144c18516',
  ownAccountSuspended: '6a2f0609-9b69-4d36-a989-9f5925b6cbff',
} as const;

/**
 * Whether a template only passes on text written by a person. The title is then plain text, and the body is Markdown.
 */
export function isWrittenTemplate(id: string): boolean {
  return id === templateIds.custom;
}
