import type { PanelData } from '../asking/use-panel-data.ts';
import { showText } from '../field/settings.ts';
import type { Panel } from '../model.ts';
import type { Table } from '../transform/table.ts';
import type { Values } from '../vars/interpolate.ts';
import { figuresOf, seriesOf, tablesOf } from '../viz/props.ts';

/** A cell as CSV (RFC 4180); one that a spreadsheet would take for a formula is kept from being one. */
function cell(value: number | string | null): string {
  if (value === null) return '';
  if (typeof value === 'number') return String(value);
  const safe = /^[=+\-@\t\r]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function tableText({ fields }: Table): string {
  const rows = Array.from({ length: fields[0]?.values.length ?? 0 }, (_, row) =>
    fields.map(({ kind, values }) => {
      const value = values[row] ?? null;
      return cell(kind === 'time' && typeof value === 'number' ? new Date(value).toISOString() : value);
    }),
  );
  return [fields.map(({ name }) => cell(name)), ...rows].map((line) => line.join(',')).join('\r\n');
}

/** What the panel shows, as a table of text: series side by side over their instants, or the table itself. */
export function panelCsv(panel: Panel, data: PanelData, values: Values): string {
  if (panel.type === 'table') return tablesOf(panel, data).map(tableText).join('\r\n\r\n');
  const { times, series } = seriesOf(panel, data, values);
  const own = { ref: 'A', labels: {} };
  return tableText({
    ref: 'A',
    fields: [
      { ...own, name: 'Time', kind: 'time', values: Array.from(times, (at) => at * 1000) },
      ...series.map(({ name, values: row }) => ({
        ...own,
        name,
        kind: 'number' as const,
        values: Array.from(row, (value) => (Number.isNaN(value) ? null : value)),
      })),
    ],
  });
}

const PAD = 16;
const HEAD = 36;
const LINE = 18;
const MAX_LINES = 40;

/** The panel as a picture: its title, its canvas, and names with values below; figures without a canvas as lines of text. */
export function panelPng(
  panel: Panel,
  data: PanelData,
  values: Values,
  body: HTMLElement,
): Promise<Blob | null> {
  const drawing = body.querySelector('canvas');
  const lines = figuresOf(panel, data, values)
    .slice(0, MAX_LINES)
    .map(({ name, value, settings }) => `${name}   ${showText(settings, value)}`);
  const ratio = window.devicePixelRatio;
  const width = Math.max(360, (drawing?.width ?? 0) / ratio) + 2 * PAD;
  const drawn = drawing === null ? 0 : drawing.height / ratio;
  const height = HEAD + drawn + PAD + lines.length * LINE + PAD;
  const canvas = Object.assign(document.createElement('canvas'), {
    width: width * ratio,
    height: height * ratio,
  });
  const context = canvas.getContext('2d');
  if (context === null) return Promise.resolve(null);
  const style = getComputedStyle(document.documentElement);
  context.scale(ratio, ratio);
  context.fillStyle = style.getPropertyValue('--surface').trim();
  context.fillRect(0, 0, width, height);
  context.fillStyle = style.getPropertyValue('--ink').trim();
  context.font = `600 14px ${getComputedStyle(document.body).fontFamily}`;
  context.fillText(panel.title, PAD, 24);
  if (drawing !== null) context.drawImage(drawing, PAD, HEAD, drawing.width / ratio, drawn);
  context.font = `12px ${getComputedStyle(document.body).fontFamily}`;
  lines.forEach((line, index) =>
    context.fillText(line, PAD, HEAD + drawn + PAD + (index + 1) * LINE - 4, width - 2 * PAD),
  );
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}

/** Hands a file to the reader. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const anchor = Object.assign(document.createElement('a'), {
    href: url,
    download: name.replaceAll(/[^\w.-]+/g, '-'),
  });
  anchor.click();
  URL.revokeObjectURL(url);
}
