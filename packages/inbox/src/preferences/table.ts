import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { controlIcon } from '../icons.ts';
import { extentControl, switchControl } from './controls.ts';
import type { Cell, Channel } from './data.ts';
import { channelName, type Frame } from './frame.ts';
import { shortReason } from './reasons.ts';
import { cellsOfGroup, extentOf, type Group, keyOf, type Row, type Sheet } from './sheet.ts';
import { moveInTable } from './table-keys.ts';

/** What the controls of the table do. */
export interface TableActions {
  switchCell(cell: Cell, isOn: boolean): void;
  switchGroup(group: Group, channel: Channel, isOn: boolean): void;
  switchChannel(channel: Channel, isOn: boolean): void;
  switchMails(isOn: boolean): void;
  /** Opens the explanation of a cell, or closes it. */
  explain(cell: Cell): void;
}

export interface TableView {
  readonly frame: Frame;
  readonly sheet: Sheet;
  readonly cells: readonly Cell[];
  readonly actions: TableActions;
  /** The key of the cell that is explained, and its explanation. */
  readonly explained: string | undefined;
  readonly explanation: () => TemplateResult;
}

const icons = { inbox: 'inbox', smtp: 'mail', webhook: 'webhook' } as const;

/**
 * The table of kinds and channels. Narrow pages show its rows as cards, and browsers then forget that it is a table: so
 * the roles are explicit.
 */
export function kindsTable(view: TableView): TemplateResult {
  const { frame, sheet } = view;
  return html`<table role="table" part="table" aria-labelledby="kinds" aria-describedby="kinds-hint" @keydown=${moveInTable}>
    <thead role="rowgroup"><tr role="row">
      <th role="columnheader" scope="col" class="kind"><span class="visually-hidden">${frame.text('preferences.kind')}</span></th>
      ${sheet.channels.map(
        (channel) => html`<th role="columnheader" scope="col" part="channel">
          <span class="channel">${controlIcon(icons[channel])}${channelName(frame, channel)}</span></th>`,
      )}
    </tr></thead>
    <tbody role="rowgroup" class="everything" part="group everything">${everythingRow(view)}</tbody>
    ${repeat(
      sheet.groups,
      ({ key }) => key,
      (group) => html`<tbody role="rowgroup" part="group">
        ${groupRow(view, group)}
        ${repeat(
          group.rows,
          ({ template }) => template.id,
          (row) => templateRow(view, row),
        )}
      </tbody>`,
    )}
    ${sheet.mails === undefined ? nothing : html`<tbody role="rowgroup" part="group">${mailsRow(view, sheet.mails)}</tbody>`}
  </table>`;
}

function headed(title: string, hint: string | null, className: string): TemplateResult {
  return html`<th role="rowheader" scope="row" class=${className} part="kind">
    <span part="kind-name"><bdi>${title}</bdi></span>${hint === null ? nothing : html`<span class="hint" part="hint"><bdi>${hint}</bdi></span>`}
  </th>`;
}

/** A cell with the name of its column, which only cards show. */
function slotFor(frame: Frame, channel: Channel, content: TemplateResult | typeof nothing): TemplateResult {
  return html`<td role="cell" class=${content === nothing ? 'none' : ''} part="cell">
    <div class="cell"><span class="label" aria-hidden="true">${controlIcon(icons[channel])}${channelName(frame, channel)}</span>${content}</div>
  </td>`;
}

function everythingRow({ frame, sheet, cells, actions }: TableView): TemplateResult {
  return html`<tr role="row" class="head" part="row">
    ${headed(frame.text('preferences.everything'), frame.text('preferences.everythingHint'), 'kind')}
    ${sheet.channels.map((channel) => {
      const own = cells.filter((cell) => cell.channel === channel && (cell.template !== null || cell === sheet.mails));
      return slotFor(
        frame,
        channel,
        extentControl(
          {
            label: frame.text('preferences.allOfChannel', { channel: channelName(frame, channel) }),
            disabled: own.every(({ locked }) => locked),
            onChange: (isOn) => actions.switchChannel(channel, isOn),
          },
          extentOf(own),
        ),
      );
    })}
  </tr>`;
}

function groupRow({ frame, sheet, actions }: TableView, group: Group): TemplateResult {
  const name = group.name ?? frame.text('preferences.groupOther');
  return html`<tr role="row" class="head" part="row group-row">
    ${headed(name, group.category?.description ?? null, 'kind group')}
    ${sheet.channels.map((channel) => {
      const own = cellsOfGroup(group, channel);
      if (own.length === 0) return slotFor(frame, channel, nothing);
      return slotFor(
        frame,
        channel,
        extentControl(
          {
            label: frame.text('preferences.allOfGroup', { channel: channelName(frame, channel), group: name }),
            disabled: own.every(({ locked }) => locked),
            onChange: (isOn) => actions.switchGroup(group, channel, isOn),
          },
          extentOf(own),
        ),
      );
    })}
  </tr>`;
}

function templateRow(view: TableView, { template, cells }: Row): TemplateResult {
  const { frame, sheet, explained } = view;
  const isExplained = [...cells.values()].some((cell) => keyOf(cell) === explained);
  return html`<tr role="row" part="row">
      ${headed(template.name, null, 'kind')}
      ${sheet.channels.map((channel) => {
        const cell = cells.get(channel);
        return slotFor(frame, channel, cell === undefined ? nothing : templateCell(view, cell, template.name));
      })}
    </tr>
    ${
      isExplained
        ? html`<tr role="row" class="explained" part="explanation-row">
            <td role="cell" colspan=${sheet.channels.length + 1}>${view.explanation()}</td></tr>`
        : nothing
    }`;
}

function templateCell({ frame, actions, explained }: TableView, cell: Cell, name: string): TemplateResult {
  const channel = channelName(frame, cell.channel);
  const reason = frame.text(shortReason(cell.because));
  const isOpen = keyOf(cell) === explained;
  const id = `why-${cell.channel}-${cell.template?.id}`;
  return html`${switchControl(
    {
      label: frame.text('preferences.cell', { template: name, channel }),
      describedBy: id,
      disabled: cell.locked,
      onChange: (isOn) => actions.switchCell(cell, isOn),
    },
    cell.on,
  )}<button type="button" class="why" part="reason" aria-expanded=${isOpen ? 'true' : 'false'}
      aria-controls=${isOpen ? 'explanation' : nothing}
      aria-label=${frame.text('preferences.explainWhy', { template: name, channel, reason })}
      @click=${() => actions.explain(cell)}><span id=${id}>${reason}</span></button>`;
}

function mailsRow({ frame, sheet, actions }: TableView, mails: Cell): TemplateResult {
  const name = frame.text('preferences.mails');
  return html`<tr role="row" part="row">
    ${headed(name, frame.text('preferences.mailsHint'), 'kind')}
    ${sheet.channels.map((channel) => {
      if (channel !== 'smtp') return slotFor(frame, channel, nothing);
      const label = frame.text('preferences.cell', { template: name, channel: channelName(frame, channel) });
      return slotFor(
        frame,
        channel,
        html`${switchControl(
          { label, describedBy: 'why-mails', disabled: mails.locked, onChange: (isOn) => actions.switchMails(isOn) },
          mails.on,
        )}<span class="why" id="why-mails" part="reason">${frame.text(shortReason(mails.because))}</span>`,
      );
    })}
  </tr>`;
}
