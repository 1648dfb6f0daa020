import { labelName } from '../label-name.ts';
import type { Metadata } from './objects.ts';

export type LabelMap = Record<string, string>;

const PREFIX = '__meta_kubernetes_';

/** Meta labels with Prometheus' prefix; texts that are empty are left out. */
export function meta(entries: Readonly<Record<string, string | number | boolean | undefined>>): LabelMap {
  const labels: LabelMap = {};
  for (const [name, value] of Object.entries(entries))
    if (value !== undefined && value !== '') labels[`${PREFIX}${name}`] = String(value);
  return labels;
}

/** An object's labels and annotations as meta labels, each with its `present` twin. */
export function metadataLabels(kind: string, { labels, annotations }: Metadata): LabelMap {
  const found: LabelMap = {};
  for (const [name, value] of Object.entries(labels)) {
    found[`${PREFIX}${kind}_label_${labelName(name)}`] = value;
    found[`${PREFIX}${kind}_labelpresent_${labelName(name)}`] = 'true';
  }
  for (const [name, value] of Object.entries(annotations)) {
    found[`${PREFIX}${kind}_annotation_${labelName(name)}`] = value;
    found[`${PREFIX}${kind}_annotationpresent_${labelName(name)}`] = 'true';
  }
  return found;
}

/** host:port, with brackets around an IPv6 address. */
export function hostPort(host: string, port: number): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`;
}
