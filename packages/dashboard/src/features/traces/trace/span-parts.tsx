import { ActionIcon, Tooltip } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { copyText } from '../../../ui/copy.ts';
import { formatValue } from '../../../ui/format.ts';
import { IconCopy, IconSearch } from '../../../ui/icons.ts';
import type { Attribute, SpanDetail } from '../contracts.ts';
import { timeOf } from '../links.ts';
import styles from './trace.module.css';

interface AttributesProps {
  readonly title: string;
  readonly attributes: readonly Attribute[];
  /** Whose traces with the same value are looked for. */
  readonly service: string;
}

/** Attributes by name; each value can be copied, and looked for in other traces. */
export function Attributes({ title, attributes, service }: AttributesProps) {
  if (attributes.length === 0) return null;
  return (
    <section className={styles['part']} aria-label={title}>
      <h3>
        {title} <span className="num">{attributes.length}</span>
      </h3>
      <dl className={styles['attributes']}>
        {attributes
          .toSorted((a, b) => (a.key < b.key ? -1 : 1))
          .map(({ key, type, value }) => (
            <div key={key}>
              <dt>{key}</dt>
              <dd>
                <span title={type}>{value}</span>
                <span className={styles['attributeActions']}>
                  <Tooltip label="Traces with this value" openDelay={300}>
                    <Link
                      to="/traces"
                      search={(previous) => ({ ...timeOf(previous), service, tag: [`${key}=${value}`] })}
                      className={styles['iconLink']}
                      aria-label={`Traces with ${key} ${value}`}
                    >
                      <IconSearch size={12} />
                    </Link>
                  </Tooltip>
                  <ActionIcon
                    size="xs"
                    variant="subtle"
                    color="gray"
                    aria-label={`Copy ${key}`}
                    onClick={() => copyText(value, key)}
                  >
                    <IconCopy size={12} />
                  </ActionIcon>
                </span>
              </dd>
            </div>
          ))}
      </dl>
    </section>
  );
}

function valueOf(attributes: readonly Attribute[], key: string): string {
  return attributes.find((attribute) => attribute.key === key)?.value ?? '';
}

/** What happened in the span; exceptions with their stack (OpenTelemetry's semantic conventions name them). */
export function Events({ span }: { readonly span: SpanDetail }) {
  if (span.events.length === 0) return null;
  return (
    <section className={styles['part']} aria-label="Events">
      <h3>
        Events <span className="num">{span.events.length}</span>
      </h3>
      <ol className={styles['events']}>
        {span.events.map(({ time_ns, name, attributes }, index) => {
          const after = Number(BigInt(time_ns) - BigInt(span.start_ns));
          const stack = valueOf(attributes, 'exception.stacktrace');
          const type = valueOf(attributes, 'exception.type');
          const message = valueOf(attributes, 'exception.message');
          const others = attributes.filter(({ key }) => !key.startsWith('exception.'));
          return (
            // Two events of one time and name are told apart by their place alone.
            <li key={`${time_ns} ${name} ${index}`} data-exception={type !== '' || message !== ''}>
              <span className="num">{formatValue(after / 1e9, 'seconds')}</span>
              <b>{type === '' ? name : type}</b>
              {message !== '' && <span>{message}</span>}
              {others.length > 0 && (
                <span className={styles['mono']}>
                  {others.map(({ key, value }) => `${key}=${value}`).join('  ')}
                </span>
              )}
              {stack !== '' && (
                <details>
                  <summary>Stack</summary>
                  <pre>{stack}</pre>
                </details>
              )}
            </li>
          );
        })}
      </ol>
    </section>
  );
}

/** Spans of other traces (or of this one) that the span names as related. */
export function Links({ span }: { readonly span: SpanDetail }) {
  if (span.links.length === 0) return null;
  return (
    <section className={styles['part']} aria-label="Links">
      <h3>
        Links <span className="num">{span.links.length}</span>
      </h3>
      <ul className={styles['links']}>
        {span.links.map(({ trace_id, span_id, attributes }) => (
          <li key={`${trace_id} ${span_id}`}>
            <Link
              to="/traces/$traceId"
              params={{ traceId: trace_id }}
              search={(previous) => ({ tz: previous.tz, span: span_id })}
              className={styles['linkish']}
            >
              {trace_id === span.trace_id ? 'This trace' : `Trace ${trace_id}`}, span {span_id}
            </Link>
            <span className={styles['mono']}>
              {attributes.map(({ key, value }) => `${key}=${value}`).join('  ')}
            </span>
          </li>
        ))}
      </ul>
    </section>
  );
}
