import { Labels, METRIC_NAME } from '@pharos/promql';

/** Label texts as they were sent, flat; null stands for a text that is not valid UTF-8. */
export type SentLabels = readonly (string | null)[];

/** Names and values of one series together; longer ones are attacks or accidents, and every index holds them. */
export const MAX_LABEL_BYTES = 65_536;

/** The label set of a series, or what is wrong with it. Any order is taken; an empty value is no label. */
export function seriesLabels(sent: SentLabels): Labels | string {
  const labels = checkedLabels(sent);
  if (typeof labels === 'string') return labels;
  return labels.has(METRIC_NAME) ? labels : `the series ${shownLabels(sent)} has no metric name`;
}

/** The labels of an exemplar, or what is wrong with them. */
export function checkedLabels(sent: SentLabels): Labels | string {
  const labels = new Map<string, string>();
  for (let i = 0; i < sent.length; i += 2) {
    const name = sent[i];
    const value = sent[i + 1] ?? null;
    if (name === null || value === null) return `a label of ${shownLabels(sent)} is not valid UTF-8`;
    if (name === '') return `the series ${shownLabels(sent)} has a label without a name`;
    if (labels.has(name))
      return `the series ${shownLabels(sent)} has the label ${JSON.stringify(name)} twice`;
    labels.set(name, value);
  }
  return Labels.fromMap(labels);
}

const SHOWN_CHARACTERS = 300;

function shownLabels(sent: SentLabels): string {
  const parts: string[] = [];
  for (let i = 0; i < sent.length && i < 60; i += 2)
    parts.push(`${JSON.stringify(sent[i] ?? '?')}=${JSON.stringify(sent[i + 1] ?? '?')}`);
  return shortened(`{${parts.join(', ')}}`);
}

export function shortened(text: string): string {
  return text.length > SHOWN_CHARACTERS ? `${text.slice(0, SHOWN_CHARACTERS)}...` : text;
}
