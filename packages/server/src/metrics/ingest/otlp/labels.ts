import { Labels, METRIC_NAME } from '@pharos/promql';
import type { OtlpScope } from '../../../kernel/wire/otlp.ts';
import type { OtlpAttributes } from '../../../kernel/wire/otlp-attributes.ts';
import type { OtlpConfig } from './config.ts';
import type { OtlpResource } from './model.ts';
import type { Names } from './names.ts';

const IDENTIFYING: ReadonlySet<string> = new Set([
  'service.name',
  'service.namespace',
  'service.instance.id',
]);

/** Turns attributes into labels. Two attributes that become one label keep both values, in the order of their keys. */
export function addAttributes(
  labels: Map<string, string>,
  attributes: OtlpAttributes,
  names: Names,
  wanted: (key: string) => boolean = () => true,
): void {
  const found: [key: string, value: string][] = [];
  for (let i = 0; i < attributes.length; i += 2) {
    const key = attributes[i] ?? '';
    if (key !== '' && wanted(key)) found.push([key, attributes[i + 1] ?? '']);
  }
  found.sort(([a], [b]) => (a < b ? -1 : 1));
  const own = new Set<string>();
  for (const [key, value] of found) {
    const name = names.label(key);
    labels.set(name, own.has(name) ? `${labels.get(name)};${value}` : value);
    own.add(name);
  }
}

/** Labels of everything from one resource and scope: promoted attributes, scope, job and instance. */
export function commonLabels(
  resource: OtlpResource,
  scope: OtlpScope,
  names: Names,
  config: OtlpConfig,
): Map<string, string> {
  const labels = new Map<string, string>();
  const promoted = new Set(config.promote_resource_attributes);
  const ignored = new Set(config.ignore_resource_attributes);
  const all = config.promote_all_resource_attributes;
  addAttributes(labels, resource.attributes, names, (key) => (all ? !ignored.has(key) : promoted.has(key)));
  if (config.promote_scope_metadata) {
    const prefixed = scope.attributes.map((text, i) => (i % 2 === 0 ? `otel_scope_${text}` : text));
    addAttributes(labels, prefixed, names);
    labels.set('otel_scope_name', scope.name);
    labels.set('otel_scope_version', scope.version);
    labels.set('otel_scope_schema_url', scope.schemaUrl);
  }
  for (const [name, value] of identityLabels(resource)) labels.set(name, value);
  return labels;
}

/** `job` is service.namespace/service.name, `instance` service.instance.id (OM-1); absent attributes make no label. */
export function identityLabels({ attributes }: OtlpResource): Map<string, string> {
  const value = (key: string): string => {
    for (let i = 0; i < attributes.length; i += 2) if (attributes[i] === key) return attributes[i + 1] ?? '';
    return '';
  };
  const [service, namespace, instance] = ['service.name', 'service.namespace', 'service.instance.id'].map(
    value,
  );
  const labels = new Map<string, string>();
  if (service !== '') labels.set('job', namespace === '' ? `${service}` : `${namespace}/${service}`);
  if (instance !== '') labels.set('instance', `${instance}`);
  return labels;
}

/** The `target_info` series of a resource; null when it would say nothing or belongs to nobody. */
export function targetInfoLabels(resource: OtlpResource, names: Names, config: OtlpConfig): Labels | null {
  const identity = identityLabels(resource);
  if (identity.size === 0) return null;
  const labels = new Map<string, string>();
  const keep = config.keep_identifying_resource_attributes;
  addAttributes(labels, resource.attributes, names, (key) => keep || !IDENTIFYING.has(key));
  if (labels.size === 0) return null;
  for (const [name, value] of identity) labels.set(name, value);
  labels.set(METRIC_NAME, 'target_info');
  return Labels.fromMap(labels);
}
